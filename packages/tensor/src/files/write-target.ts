/** The target of a path: a file that can be replaced, or a device or pipe that must be written to. */

import { nodeFs, nodePath } from './node.js';
import { holdsOpenFiles, isDevicePath } from './platform.js';

export type WriteTarget =
  /** A regular file, which need not exist; `mode` has the permissions of the old file. */
  | { readonly kind: 'file'; readonly path: string; readonly mode?: number }
  /** A device, a pipe, or an open file such as /dev/stdout. */
  | { readonly kind: 'stream'; readonly path: string };

/** The limit of Linux. */
const mostLinks = 40;

/**
 * Follows symbolic links, even if the target does not exist yet.
 *
 * @throws errors of Node for a missing folder or a loop of links; EISDIR for a folder
 */
export async function writeTarget(path: string): Promise<WriteTarget> {
  if (isDevicePath(path)) return { kind: 'stream', path };
  const [fs, paths] = await Promise.all([nodeFs(), nodePath()]);
  let place = path;
  for (let links = 0; links <= mostLinks; links++) {
    const folder = await fs.realpath(paths.dirname(place));
    place = paths.join(folder, paths.basename(place));
    if (holdsOpenFiles(folder)) return { kind: 'stream', path: place };
    const stats = await fs.lstat(place).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    });
    if (!stats) return { kind: 'file', path: place };
    if (stats.isFile()) return { kind: 'file', path: place, mode: stats.mode & 0o777 };
    if (stats.isDirectory()) throw new Error('EISDIR: it is a folder');
    if (!stats.isSymbolicLink()) return { kind: 'stream', path: place };
    const link = await fs.readlink(place);
    // Plain concatenation: `..` after a link to a folder means the parent of that folder.
    place = paths.isAbsolute(link) ? link : `${folder}${paths.sep}${link}`;
  }
  throw new Error('ELOOP: too many symbolic links');
}
