/** Renaming on Windows, where a virus scanner or an indexer may hold a file for a moment. */

import { nodeFs } from './node.js';

/** What Windows answers while another program holds a file. Elsewhere these errors do not go away by waiting. */
const heldCodes = ['EPERM', 'EACCES', 'EBUSY'];

/** In ms, two seconds together. */
const growingWaits = [10, 20, 40, 80, 160, 320, 640, 730];

/**
 * Renames a file, over the one of that name if there is one. On Windows it tries again for two seconds when another program
 * holds one of them.
 *
 * @throws what `rename` of Node throws
 */
export async function renameFile(from: string, to: string): Promise<void> {
  const fs = await nodeFs();
  await retry(() => fs.rename(from, to), process.platform === 'win32' ? heldCodes : []);
}

/**
 * The result of `operation`, which is tried again after each wait as long as it fails with one of `codes`.
 *
 * @param waits in ms; there is one attempt more than there are waits
 * @throws what the last attempt throws, and at once what has another code
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
