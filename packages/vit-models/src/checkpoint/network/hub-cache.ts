/**
 * The cache of the Hugging Face hub for one repository (Node), as its Python library lays it out, so that each uses what the other
 * has downloaded: `models--OWNER--NAME` with `blobs/ETAG`, `refs/BRANCH` (the commit), `snapshots/COMMIT/FILE` (links to blobs),
 * `.no_exist/COMMIT/FILE` (files that the commit lacks) and `trees/COMMIT.json` (names of all its files; only read here).
 */

import { linkFile, nodeFs, nodePath, renameFile } from '@patchslim/tensor/files';
import { errnoOf } from '../file-error.js';
import { exists } from '../file-exists.js';
import { sha256 } from '../fingerprint.js';
import { wrapped } from './part-file.js';

/** One repository in the cache. */
export interface HubCache {
  /** Its folder. */
  readonly folder: string;
  /** Where a file of a commit lies, or belongs. */
  pathOf(commit: string, file: string): string;
  /** The path of a file that is here; whether the commit lacks it; undefined where neither is known. */
  find(commit: string, file: string): Promise<{ readonly path: string } | 'absent' | undefined>;
  /** The commit of a branch or tag when it was last used. */
  readRef(revision: string): Promise<string | undefined>;
  /** Notes which commit a branch or tag is; a cache that cannot be written stays as it is. */
  writeRef(revision: string, commit: string): Promise<void>;
  /** Notes that a commit lacks a file, likewise. */
  writeAbsent(commit: string, file: string): Promise<void>;
  blobPath(etag: string): Promise<string>;
  /** Puts a blob under the name of a file. @param isNew whether no other snapshot can use it yet @throws `IO_FAILED` */
  link(blob: string, commit: string, file: string, isNew: boolean): Promise<void>;
  /** Takes a file and its blob away. */
  remove(blob: string, commit: string, file: string): Promise<void>;
}

/**
 * @param cacheDir where all repositories are kept
 * @param symlink makes a link; where it fails, as on Windows without the right to, the file itself is put in its place
 */
export async function hubCache(
  cacheDir: string,
  id: string,
  symlink: (target: string, path: string) => Promise<void> = linkFile,
): Promise<HubCache> {
  const [fs, paths] = await Promise.all([nodeFs(), nodePath()]);
  const folder = paths.join(cacheDir, `models--${id.replaceAll('/', '--')}`);
  const pathOf = (commit: string, file: string) =>
    paths.join(folder, 'snapshots', commit, ...file.split('/'));
  const absentPath = (commit: string, file: string) =>
    paths.join(folder, '.no_exist', commit, ...file.split('/'));
  const write = async (path: string, text: string) => {
    const temporary = `${path}.${crypto.randomUUID().slice(0, 8)}.tmp`;
    await fs.mkdir(paths.dirname(path), { recursive: true });
    await fs.writeFile(temporary, text);
    await renameFile(temporary, path);
  };

  return {
    folder,
    pathOf,
    async find(commit, file) {
      const path = pathOf(commit, file);
      if (await exists(path)) return { path };
      if (await exists(absentPath(commit, file))) return 'absent';
      const tree = await readTree(paths.join(folder, 'trees', `${commit}.json`));
      return tree && !tree.has(file) ? 'absent' : undefined;
    },
    async readRef(revision) {
      const text = await fs
        .readFile(paths.join(folder, 'refs', ...revision.split('/')), 'utf8')
        .catch(() => '');
      return text.trim() || undefined;
    },
    async writeRef(revision, commit) {
      const path = paths.join(folder, 'refs', ...revision.split('/'));
      if ((await fs.readFile(path, 'utf8').catch(() => '')) === commit) return;
      await write(path, commit).catch(() => undefined);
    },
    async writeAbsent(commit, file) {
      await write(absentPath(commit, file), '').catch(() => undefined);
    },
    async blobPath(etag) {
      // Another server than the hub may send anything.
      const name =
        /^[\w.-]{1,128}$/.test(etag) && !etag.startsWith('.')
          ? etag
          : await sha256(new TextEncoder().encode(etag));
      return paths.join(folder, 'blobs', name);
    },
    async link(blob, commit, file, isNew) {
      const path = pathOf(commit, file);
      await wrapped(path, async () => {
        await fs.mkdir(paths.dirname(path), { recursive: true });
        await fs.rm(path, { force: true }); // a link to a blob that is gone
        try {
          await symlink(paths.relative(paths.dirname(path), blob), path);
        } catch (error) {
          if (errnoOf(error) === 'EEXIST') return; // another process was first
          if (isNew) return await renameFile(blob, path);
          const temporary = `${path}.${crypto.randomUUID().slice(0, 8)}.tmp`;
          await fs.copyFile(blob, temporary);
          await renameFile(temporary, path);
        }
      });
    },
    async remove(blob, commit, file) {
      for (const path of [pathOf(commit, file), blob]) await fs.rm(path, { force: true });
    },
  };
}

/** The names in a list of files that the Python library keeps of a commit; undefined where there is none that can be read. */
async function readTree(path: string): Promise<ReadonlySet<string> | undefined> {
  const fs = await nodeFs();
  try {
    const tree = JSON.parse(await fs.readFile(path, 'utf8')) as { format_version?: unknown; files?: unknown };
    if (tree.format_version !== 1 || typeof tree.files !== 'object' || tree.files === null) return undefined;
    return new Set(Object.keys(tree.files));
  } catch {
    return undefined;
  }
}
