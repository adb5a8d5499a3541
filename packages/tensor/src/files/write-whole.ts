/** Writes a file atomically: a reader sees the old or the new content, never a part. */

import { isPatchslimError, PatchslimError } from '../errors.js';
import { nodeFs, nodePath } from './node.js';
import { setMode } from './platform.js';
import { renameFile } from './rename.js';
import { removeAbandoned, temporaryName } from './temporary-name.js';
import { writeStream } from './write-stream.js';
import { writeTarget } from './write-target.js';

/**
 * Writes `chunks` to a temporary file beside `path` and renames it once all of them are on disk. Removes temporary files that
 * killed processes of this machine left in the folder, and nothing else. A symbolic link stays a link: its target
 * is written. The permissions of the old file stay. Devices, pipes and paths such as /dev/stdout are written
 * to directly.
 *
 * @param where name of the caller in errors
 * @param chunks texts and bytes in order; an error of the iteration ends the writing
 * @throws IO_FAILED; the old file is then unchanged, as it is after a kill or a power cut
 */
export async function writeWhole(
  where: string,
  path: string,
  chunks: Iterable<string | Uint8Array>,
): Promise<void> {
  try {
    const target = await writeTarget(path);
    if (target.kind === 'stream') await writeStream(target, chunks);
    else await replaceFile(target.path, target.mode, chunks);
  } catch (cause) {
    if (isPatchslimError(cause)) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new PatchslimError('IO_FAILED', `${where}: cannot write ${path}: ${reason}`, { path }, cause);
  }
}

async function replaceFile(
  path: string,
  mode: number | undefined,
  chunks: Iterable<string | Uint8Array>,
): Promise<void> {
  const [fs, paths] = await Promise.all([nodeFs(), nodePath()]);
  const folder = paths.dirname(path);
  await removeAbandoned(folder, 'file');
  const temporary = paths.join(folder, await temporaryName('file'));
  const file = await fs.open(temporary, 'wx', mode);
  try {
    try {
      if (mode !== undefined) await setMode(file, mode);
      for (const chunk of chunks) await file.writeFile(chunk);
      await file.sync();
    } finally {
      await file.close();
    }
    await renameFile(temporary, path);
  } catch (error) {
    await fs.rm(temporary, { force: true }).catch(() => undefined); // the first error is more informative
    throw error;
  }
}
