/** Folders for what is too large for memory. */

import { PatchslimError } from '../errors.js';
import { removeAbandoned } from './abandoned.js';
import { nodeFs, nodeOs, nodePath } from './node.js';

/**
 * A new folder below the system's temporary one. The caller removes it; should its process be killed before, the next
 * call of any process does.
 *
 * @param where what errors name as the caller
 * @throws IO_FAILED
 */
export async function makeTemporaryFolder(where: string): Promise<string> {
  const [fs, os, path] = await Promise.all([nodeFs(), nodeOs(), nodePath()]);
  const parent = os.tmpdir();
  const prefix = 'patchslim-';
  try {
    await removeAbandoned(parent, prefix);
    return await fs.mkdtemp(path.join(parent, `${prefix}${process.pid}-`));
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
