/** Runtimes that are missing or do not come up, as errors that say what to do. */

import { isPatchslimError, PatchslimError } from '@patchslim/tensor';

export interface Unavailable {
  /** What was to be opened: `tfjs-wasm`. */
  readonly name: string;
  /** What to do about it. */
  readonly hint: string;
}

/**
 * What `open` gives.
 *
 * @throws `BACKEND_UNAVAILABLE` with the reason and the hint, whatever `open` throws
 */
export async function orUnavailable<T>({ name, hint }: Unavailable, open: () => Promise<T>): Promise<T> {
  try {
    return await open();
  } catch (error) {
    if (isPatchslimError(error)) throw error;
    throw new PatchslimError(
      'BACKEND_UNAVAILABLE',
      `${name} failed to start: ${reasonOf(error)}; ${hint}`,
      {},
      error,
    );
  }
}

/** tfjs also rejects with plain objects that carry a message. */
function reasonOf(error: unknown): string {
  const message = (error as { message?: unknown } | null | undefined)?.message;
  return typeof message === 'string' ? message : String(error);
}
