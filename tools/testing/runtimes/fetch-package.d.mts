export interface WantedPackage {
  readonly name: string;
  readonly version: string;
  /** Its hash in the registry; another hash is an error. */
  readonly integrity: string;
  /** Paths in the package to unpack; by default all. */
  readonly files?: readonly string[];
}

/** Fetches a package from npm, unless it is in the cache, and returns its folder. */
export function fetchPackage(wanted: WantedPackage): Promise<string>;
