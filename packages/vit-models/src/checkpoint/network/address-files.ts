/** Files of single addresses, kept in a folder of the user (Node): each version under a name of its own. */

import { nodeFs, nodePath } from '@patchslim/tensor/files';
import { fileSource } from '../byte-source.js';
import { exists } from '../file-exists.js';
import { sha256 } from '../fingerprint.js';
import { readJsonFile } from '../located.js';
import { isMissing, type DownloadOptions } from './attempts.js';
import { addressCacheDir } from './environment.js';
import { downloadFile, versionTag, wrapped } from './part-file.js';
import type { Downloaded, Found } from './remote-files.js';
import { serverVersion } from './server-version.js';

/** Files by their address, and where they are kept. */
export interface AddressFiles {
  /** What is known without asking. */
  kept(url: URL): Promise<Found>;
  /** The file that the server has now; nothing is transferred if it is kept. @throws as `download`, and `IO_FAILED` */
  fetch(url: URL, options: DownloadOptions): Promise<Downloaded | 'absent'>;
}

/** Names: `NAME.VERSION`, `NAME.VERSION.incomplete` while it comes, `NAME.absent` where the server has none. */
export async function addressFiles(cacheDir: string | undefined): Promise<AddressFiles> {
  const folder = cacheDir ?? (await addressCacheDir());
  const fs = await nodeFs();
  return {
    async kept(url) {
      const path = await addressPath(url, folder);
      if (await exists(`${path}.absent`)) return 'absent';
      const newest = await newestVersion(path);
      return newest === undefined ? 'unknown' : fileAt(newest);
    },
    async fetch(url, options) {
      const path = await addressPath(url, folder);
      const target = async (validator: string | undefined) => {
        const version = `${path}.${await versionTag(validator)}`;
        return { path: version, part: `${version}.incomplete` };
      };
      const newest = await newestVersion(path);
      const current = newest === undefined ? undefined : await serverVersion(url, options);
      const same = current === undefined ? undefined : (await target(current)).path;
      try {
        const isKept = same !== undefined && (await exists(same));
        const file = isKept ? { path: same, isNew: false } : await downloadFile(url, target, options);
        await fs.rm(`${path}.absent`, { force: true });
        const now = new Date();
        if (!file.isNew) await fs.utimes(file.path, now, now).catch(() => undefined); // it is the newest again
        return fileAt(file.path);
      } catch (error) {
        if (!isMissing(error)) throw error;
        await wrapped(path, async () => {
          await fs.mkdir((await nodePath()).dirname(path), { recursive: true });
          await fs.writeFile(`${path}.absent`, '');
        });
        return 'absent';
      }
    },
  };
}

/** Where the versions of an address begin: host and path as folders, a query as a hash (it may hold a signature). */
export async function addressPath(url: URL, cacheDir: string): Promise<string> {
  const path = await nodePath();
  // A URL's path is percent-encoded already, but for some characters that Windows refuses in names.
  const safe = (text: string) => text.replace(/[:*|\\"<>]/g, (c) => `%${c.charCodeAt(0).toString(16)}`);
  const segments = url.pathname.split('/').filter((segment) => segment !== '');
  const query =
    url.search === '' ? '' : `-${(await sha256(new TextEncoder().encode(url.search))).slice(0, 16)}`;
  const name = `${segments.pop() ?? 'index'}${query}`;
  return path.join(cacheDir, ...[url.host, ...segments, name].map(safe));
}

async function newestVersion(stem: string): Promise<string | undefined> {
  const [fs, paths] = await Promise.all([nodeFs(), nodePath()]);
  const { dir, base } = paths.parse(stem);
  const names = await fs.readdir(dir).catch(() => [] as string[]);
  const versions = names.filter(
    (name) => name.startsWith(`${base}.`) && /^\.[0-9a-f]{16}$/.test(name.slice(base.length)),
  );
  const dated = versions.map(async (name) => {
    const path = paths.join(dir, name);
    return { path, time: (await fs.stat(path).catch(() => undefined))?.mtimeMs ?? 0 };
  });
  return (await Promise.all(dated)).sort((a, b) => b.time - a.time)[0]?.path;
}

const fileAt = (path: string): Downloaded => ({
  open: () => fileSource(path),
  json: () => readJsonFile(path),
  forget: async () => (await nodeFs()).rm(path, { force: true }),
});
