/** Writing a file so that a reader sees the old one or the new one, never half of one. */

import { isPatchslimError, PatchslimError } from '../errors.js';
import { removeAbandoned } from './abandoned.js';
import { nodeFs, nodePath } from './node.js';

/**
 * Writes `chunks` beside `path` and renames when all of them are on the disk; what killed processes left there goes.
 *
 * @param where what errors name as the caller
 * @param chunks texts and bytes in order; what their iteration throws ends the writing
 * @throws IO_FAILED; the file is then as it was, as it is after a kill or a power cut
 */
export async function writeWhole(
  where: string,
  path: string,
  chunks: Iterable<string | Uint8Array>,
): Promise<void> {
  const [fs, nodePaths] = await Promise.all([nodeFs(), nodePath()]);
  const temporary = `${path}.${process.pid}.${crypto.randomUUID()}.tmp`;
  try {
    await removeAbandoned(nodePaths.dirname(path), `${nodePaths.basename(path)}.`);
    const file = await fs.open(temporary, 'wx');
    try {
      for (const chunk of chunks) await file.writeFile(chunk);
      await file.sync();
    } finally {
      await file.close();
    }
    await fs.rename(temporary, path);
  } catch (cause) {
    await fs.rm(temporary, { force: true }).catch(() => undefined); // the first error tells more
    if (isPatchslimError(cause)) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new PatchslimError('IO_FAILED', `${where}: cannot write ${path}: ${reason}`, { path }, cause);
  }
}
