/** The results of a rehearsal, kept in docs/results/consumers.json; the page of consumers is made of them. */

/** What one consumer did under one manager. */
export type Outcome =
  | { readonly status: 'passed'; readonly seconds: number }
  | { readonly status: 'failed'; readonly seconds: number; readonly error: string }
  | { readonly status: 'not tried'; readonly reason: string };

/** What one manager did. */
export interface ManagerResults {
  readonly name: string;
  readonly version: string;
  /** ISO 8601, and the commit that our packages were built from. */
  readonly date: string;
  readonly commit: string;
  /** The installation itself. */
  readonly install: Outcome;
  /** By name of the consumer. */
  readonly consumers: Readonly<Record<string, Outcome>>;
}

export interface ConsumerResults {
  /** Of our packages. */
  readonly version: string;
  readonly node: string;
  readonly platform: string;
  /** Names of the packages in the registry. */
  readonly published: readonly string[];
  /** Of registry, bundlers and the browser. */
  readonly versions: Readonly<Record<string, string>>;
  readonly managers: readonly ManagerResults[];
}

/** Runs a step and says how it went. */
export async function outcomeOf(work: () => Promise<void>): Promise<Outcome> {
  const start = performance.now();
  const seconds = () => Number(((performance.now() - start) / 1000).toFixed(1));
  try {
    await work();
    return { status: 'passed', seconds: seconds() };
  } catch (error) {
    return {
      status: 'failed',
      seconds: seconds(),
      error: error instanceof Error ? error.message : String(error),
    };
  }
}
