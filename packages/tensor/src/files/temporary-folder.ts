/** Temporary folders for data that does not fit in memory. */

import { PatchslimError } from '../errors.js';
import { nodeFs, nodeOs, nodePath } from './node.js';
import { removeAbandoned, temporaryName } from './temporary-name.js';

/**
 * Creates a folder in the system's temporary one, for files only. The caller removes it. If the process is killed
 * first, the next call by any process on this machine removes it (on Linux; elsewhere the system's cleanup must).
 *
 * @param where name of the caller in errors
 * @throws IO_FAILED
 */
export async function makeTemporaryFolder(where: string): Promise<string> {
  const [fs, os, path] = await Promise.all([nodeFs(), nodeOs(), nodePath()]);
  const parent = os.tmpdir();
  try {
    await removeAbandoned(parent, 'folder');
    const folder = path.join(parent, await temporaryName('folder'));
    await fs.mkdir(folder, { mode: 0o700 });
    return folder;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const hint = 'set TMPDIR to a folder with room';
    throw new PatchslimError(
      'IO_FAILED',
      `${where}: cannot make a folder in ${parent}: ${reason}; ${hint}`,
      { folder: parent },
      cause,
    );
  }
}

/**
 * Creates a folder in `parent`, for files and subfolders; creates `parent` too. If the process is killed before it removes or
 * renames the folder, the next call removes it (on Linux). `parent` must be a folder that only patchslim writes to.
 *
 * @param where name of the caller in errors
 * @throws IO_FAILED
 */
export async function makeTemporaryTree(where: string, parent: string): Promise<string> {
  const [fs, path] = await Promise.all([nodeFs(), nodePath()]);
  try {
    await fs.mkdir(parent, { recursive: true });
    await removeAbandoned(parent, 'tree');
    const folder = path.join(parent, await temporaryName('tree'));
    await fs.mkdir(folder);
    return folder;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const message = `${where}: cannot make a folder in ${parent}: ${reason}`;
    throw new PatchslimError('IO_FAILED', message, { folder: parent }, cause);
  }
}
