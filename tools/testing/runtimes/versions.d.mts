interface Pinned<T> {
  readonly version: string;
  /** Of the package in npm's registry. */
  readonly integrity: T;
}

/** By major. */
export const nodeVersions: Readonly<Record<number, Pinned<Readonly<Record<'x64' | 'arm64', string>>>>>;

/** By major and minor. */
export const typescriptVersions: Readonly<Record<string, Pinned<string>>>;
