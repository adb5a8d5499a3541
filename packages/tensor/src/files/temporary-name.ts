/**
 * Names temporary files and folders, and removes leftovers of killed processes. It removes only names that this
 * module made, and only if the process ran on this machine and has ended.
 */

import { nodeFs, nodePath } from './node.js';
import { isOwn, isRunning } from './platform.js';
import { hostToken } from './process-identity.js';

/**
 * Files are hidden and lie beside the user's own; folders lie in the system's temporary folder; trees, which are folders
 * with subfolders, lie in folders that only patchslim writes to.
 */
export type TemporaryKind = 'file' | 'folder' | 'tree';

const affixes = {
  file: ['.patchslim-', '.tmp'],
  folder: ['patchslim-', ''],
  tree: ['.patchslim-', '.tree'],
} as const;
const uuid = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';

/**
 * A name that no other process and no other call uses.
 *
 * @param owner number of the process that owns the name; by default this process
 */
export async function temporaryName(kind: TemporaryKind, owner = process.pid): Promise<string> {
  const [prefix, suffix] = affixes[kind];
  return `${prefix}${(await hostToken()) ?? 'unknown'}-${owner}-${crypto.randomUUID()}${suffix}`;
}

/**
 * Removes files, folders or trees of `temporaryName` whose process ran on this machine, in this container, and has ended. A folder
 * is removed with its files, but not with subfolders; a tree with all that it holds. Failures to list or remove are ignored.
 */
export async function removeAbandoned(folder: string, kind: TemporaryKind): Promise<void> {
  const [fs, path, host] = await Promise.all([nodeFs(), nodePath(), hostToken()]);
  if (host === undefined) return;
  const [prefix, suffix] = affixes[kind].map((text) => text.replace('.', '\\.'));
  const pattern = new RegExp(`^${prefix}${host}-([1-9]\\d{0,9})-${uuid}${suffix}$`);
  const names = await fs.readdir(folder).catch(() => [] as string[]); // a folder can be writable but not readable
  for (const name of names) {
    const owner = pattern.exec(name)?.[1];
    if (owner === undefined || isRunning(Number(owner))) continue;
    await removeOwn(path.join(folder, name), kind).catch(() => undefined);
  }
}

/** Ignores entries of another kind or another user. */
async function removeOwn(place: string, kind: TemporaryKind): Promise<void> {
  const [fs, path] = await Promise.all([nodeFs(), nodePath()]);
  const stats = await fs.lstat(place);
  if (!isOwn(stats)) return;
  if (kind === 'file') {
    if (stats.isFile()) await fs.unlink(place);
    return;
  }
  if (!stats.isDirectory()) return;
  if (kind === 'tree') return fs.rm(place, { recursive: true });
  for (const name of await fs.readdir(place)) await fs.unlink(path.join(place, name));
  await fs.rmdir(place);
}
