/** Downloads that stay on disk (Node), in a folder of the user. */

import type { FileHandle } from 'node:fs/promises';
import { PatchslimError } from '@patchslim/tensor';
import { nodeFs, nodeOs, nodePath, renameFile } from '@patchslim/tensor/files';
import { download, type DownloadOptions, type Sink } from './download.js';
import { sha256 } from './fingerprint.js';
import { errnoOf, fileError } from './file-error.js';

/** `$XDG_CACHE_HOME/patchslim`, else `~/.cache/patchslim`. */
export async function defaultCacheDir(): Promise<string> {
  const [os, path] = await Promise.all([nodeOs(), nodePath()]);
  return path.join(process.env['XDG_CACHE_HOME'] || path.join(os.homedir(), '.cache'), 'patchslim');
}

/** Where the cache keeps an address: host and path as folders, a query as a hash (it may hold a signature). */
export async function cachePath(url: URL, cacheDir: string): Promise<string> {
  const path = await nodePath();
  // A URL's path is percent-encoded already, but for some characters that Windows refuses in names.
  const safe = (text: string) => text.replace(/[:*|\\"<>]/g, (c) => `%${c.charCodeAt(0).toString(16)}`);
  const segments = url.pathname.split('/').filter((segment) => segment !== '');
  const query =
    url.search === '' ? '' : `-${(await sha256(new TextEncoder().encode(url.search))).slice(0, 16)}`;
  const name = `${segments.pop() ?? 'index'}${query}`;
  return path.join(cacheDir, ...[url.host, ...segments, name].map(safe));
}

/**
 * The local path of an address, downloaded unless it is there. The file appears only when it is complete; an
 * interrupted transfer leaves a `.part` file, which the next call continues.
 *
 * @throws as `download`, and `IO_FAILED`
 */
export async function cachedDownload(
  url: URL,
  cacheDir: string,
  options: DownloadOptions = {},
): Promise<string> {
  const fs = await nodeFs();
  const path = await cachePath(url, cacheDir);
  if (await exists(path)) return path;
  await wrapped(path, async () => fs.mkdir((await nodePath()).dirname(path), { recursive: true }));

  let part: FileSink | undefined;
  const parts = new Set<string>();
  try {
    await download(
      url,
      async (validator) => {
        await part?.discard();
        part = await openPart(path, validator);
        parts.add(part.path);
        return part;
      },
      options,
    );
    await part?.commit(path);
    await removeParts(path, parts);
  } catch (error) {
    await part?.discard();
    throw error;
  }
  return path;
}

export async function exists(path: string): Promise<boolean> {
  const fs = await nodeFs();
  return fs.access(path).then(
    () => true,
    () => false,
  );
}

interface FileSink extends Sink {
  /** Of the partial file. */
  readonly path: string;
  /** Gives the complete file its name. */
  commit(path: string): Promise<void>;
  /** Closes the file; it stays for a later call when it can be resumed. */
  discard(): Promise<void>;
}

/**
 * Partial files are named by the validator, and bytes are written at explicit offsets: processes that fetch the same
 * version at the same time write the same bytes to the same places, so they need no lock.
 */
async function openPart(path: string, validator: string | undefined): Promise<FileSink> {
  const fs = await nodeFs();
  const tag =
    validator === undefined ? crypto.randomUUID() : await sha256(new TextEncoder().encode(validator));
  const partPath = `${path}.${tag.slice(0, 16)}.part`;
  const handle = await wrapped(partPath, () => openForUpdate(partPath));
  let received = (await handle.stat()).size;
  let open = true;
  const close = async () => {
    if (open) await handle.close();
    open = false;
  };
  return {
    path: partPath,
    get received() {
      return received;
    },
    restart: () => {
      received = 0;
    },
    write: (chunk) =>
      wrapped(partPath, async () => {
        for (let done = 0; done < chunk.length;) {
          const { bytesWritten } = await handle.write(chunk, done, chunk.length - done, received);
          done += bytesWritten;
          received += bytesWritten; // what reached a disk before it was full is not fetched again
        }
      }),
    commit: (target) =>
      wrapped(target, async () => {
        await handle.truncate(received);
        await handle.sync();
        await close();
        await renameFile(partPath, target).catch(async (error: unknown) => {
          // Another process was first with the same bytes.
          if (errnoOf(error) !== 'ENOENT' || !(await exists(target))) throw error;
        });
      }),
    discard: async () => {
      await close();
      if (validator === undefined || received === 0) await fs.rm(partPath, { force: true });
    },
  };
}

/** As long as nobody writes to a partial file, in ms, before it counts as left behind: other machines may use the cache. */
const partAge = 24 * 60 * 60 * 1000;

/** Removes partial files of other versions: `own`, and those that nobody has written to for a day. */
async function removeParts(path: string, own: ReadonlySet<string>): Promise<void> {
  const [fs, paths] = await Promise.all([nodeFs(), nodePath()]);
  const { dir, base } = paths.parse(path);
  const ending = /^\.[0-9a-f-]{16}\.part$/;
  const names = await fs.readdir(dir).catch(() => [] as string[]); // it may be writable without being readable
  for (const name of names) {
    if (!name.startsWith(base) || !ending.test(name.slice(base.length))) continue;
    const part = paths.join(dir, name);
    const stats = await fs.lstat(part).catch(() => undefined);
    if (!stats?.isFile() || (!own.has(part) && Date.now() - stats.mtimeMs < partAge)) continue;
    // Windows does not remove a file that another process has open; a later download will.
    await fs.unlink(part).catch(() => undefined);
  }
}

/** Opens for reading and writing without truncating, and creates when absent: no single flag of Node does both. */
async function openForUpdate(path: string): Promise<FileHandle> {
  const fs = await nodeFs();
  const { O_RDWR, O_CREAT } = fs.constants;
  return fs.open(path, O_RDWR | O_CREAT);
}

async function wrapped<T>(path: string, use: () => Promise<T>): Promise<T> {
  try {
    return await use();
  } catch (error) {
    throw error instanceof PatchslimError ? error : fileError('fromPretrained', path, error);
  }
}
