/**
 * Names of temporary files and folders, and the removal of those that killed processes left behind. Only a name that this
 * module made is ever removed, and only when the process that made it ran here and is gone.
 */

import { nodeFs, nodePath } from './node.js';
import { hostToken, isRunning } from './process-identity.js';

/** Files lie beside the user's own and are hidden; folders lie in the system's temporary one. */
export type TemporaryKind = 'file' | 'folder';

const affixes = { file: ['.patchslim-', '.tmp'], folder: ['patchslim-', ''] } as const;
const uuid = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';

/**
 * A name that no other process and no other call uses.
 *
 * @param owner process that the name belongs to; this one when left out
 */
export async function temporaryName(kind: TemporaryKind, owner = process.pid): Promise<string> {
  const [prefix, suffix] = affixes[kind];
  return `${prefix}${(await hostToken()) ?? 'unknown'}-${owner}-${crypto.randomUUID()}${suffix}`;
}

/**
 * Removes files or folders of `temporaryName` whose process ran on this machine, in this container, and is gone. A folder
 * is removed with the files in it, not with folders in it. Whatever cannot be listed or removed stays.
 */
export async function removeAbandoned(folder: string, kind: TemporaryKind): Promise<void> {
  const [fs, path, host] = await Promise.all([nodeFs(), nodePath(), hostToken()]);
  if (host === undefined) return;
  const [prefix, suffix] = affixes[kind].map((text) => text.replace('.', '\\.'));
  const pattern = new RegExp(`^${prefix}${host}-([1-9]\\d{0,9})-${uuid}${suffix}$`);
  const names = await fs.readdir(folder).catch(() => [] as string[]); // it may be writable without being readable
  for (const name of names) {
    const owner = pattern.exec(name)?.[1];
    if (owner === undefined || isRunning(Number(owner))) continue;
    await removeOwn(path.join(folder, name), kind).catch(() => undefined);
  }
}

/** Leaves alone what is not of this kind, or belongs to another user. */
async function removeOwn(place: string, kind: TemporaryKind): Promise<void> {
  const [fs, path] = await Promise.all([nodeFs(), nodePath()]);
  const stats = await fs.lstat(place);
  if (stats.uid !== process.getuid?.()) return;
  if (kind === 'file') {
    if (stats.isFile()) await fs.unlink(place);
    return;
  }
  if (!stats.isDirectory()) return;
  for (const name of await fs.readdir(place)) await fs.unlink(path.join(place, name));
  await fs.rmdir(place);
}
