/** Errors for runtimes that are missing or fail to start; they say what to do. */

import { isPatchslimError, PatchslimError } from '@patchslim/tensor';

export interface Unavailable {
  /** Name of the backend: `tfjs-wasm`. */
  readonly name: string;
  /** The remedy. */
  readonly hint: string;
}

/**
 * Returns the result of `open`.
 *
 * @throws `BACKEND_UNAVAILABLE` with the reason and the hint, for any error of `open`
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

/** tfjs also rejects with plain objects that have a message. */
function reasonOf(error: unknown): string {
  const message = (error as { message?: unknown } | null | undefined)?.message;
  return typeof message === 'string' ? message : String(error);
}
