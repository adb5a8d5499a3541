/** Renaming on Windows, where a virus scanner or an indexer may hold a file for a moment. */

import { nodeFs } from './node.js';
import { heldFileCodes } from './platform.js';

/** In ms; two seconds in total. */
const growingWaits = [10, 20, 40, 80, 160, 320, 640, 730];

/**
 * Renames a file and replaces an existing one. On Windows it retries for two seconds while another program
 * holds one of them.
 *
 * @throws errors of Node's `rename`
 */
export async function renameFile(from: string, to: string): Promise<void> {
  const fs = await nodeFs();
  // eslint-disable-next-line no-restricted-syntax -- the one that all others are to use
  await retry(() => fs.rename(from, to), heldFileCodes());
}

/**
 * Returns the result of `operation`; retries it after each wait while it fails with one of `codes`.
 *
 * @param waits in ms; the number of attempts is one more than the number of waits
 * @throws the error of the last attempt; an error with another code at once
 */
export async function retry<T>(
  operation: () => Promise<T>,
  codes: readonly string[],
  waits: readonly number[] = growingWaits,
): Promise<T> {
  for (const wait of waits) {
    try {
      return await operation();
    } catch (error) {
      if (!codes.includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, wait));
  }
  return operation();
}
