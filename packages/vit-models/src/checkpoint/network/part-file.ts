/** Downloads to a file that appears only when it is whole (Node); what was cut short is continued by the next call. */

import type { FileHandle } from 'node:fs/promises';
import { PatchslimError } from '@patchslim/tensor';
import { nodeFs, nodePath, renameFile } from '@patchslim/tensor/files';
import { exists } from '../file-exists.js';
import { errnoOf, fileError } from '../file-error.js';
import { sha256 } from '../fingerprint.js';
import type { DownloadOptions } from './attempts.js';
import { download, type Sink } from './download.js';

/** Where one version of a file goes: the whole file, and the bytes that came until a transfer broke. */
export interface Target {
  readonly path: string;
  readonly part: string;
}

/**
 * Downloads to the path that `target` gives for the version that the server has; if a file is there already, nothing is transferred.
 *
 * @param check looks at the whole file before it gets its name; when it throws, the file is removed
 * @throws as `download` and `check`, and `IO_FAILED`
 */
export async function downloadFile(
  url: URL,
  target: (validator: string | undefined) => Promise<Target>,
  options: DownloadOptions = {},
  check: (path: string) => Promise<void> = () => Promise.resolve(),
): Promise<{ readonly path: string; readonly isNew: boolean }> {
  let part: FileSink | undefined;
  let path = '';
  const parts = new Set<string>();
  try {
    await download(
      url,
      async (validator) => {
        await part?.discard();
        part = undefined;
        const wanted = await target(validator);
        path = wanted.path;
        if (await exists(path)) return undefined;
        await wrapped(path, async () =>
          (await nodeFs()).mkdir((await nodePath()).dirname(path), { recursive: true }),
        );
        part = await openPart(wanted.part, validator !== undefined);
        parts.add(part.path);
        return part;
      },
      options,
    );
    await part?.commit(path, check);
    if (parts.size > 0) await removeLeftovers(path, parts);
  } catch (error) {
    await part?.discard();
    throw error;
  }
  return { path, isNew: parts.size > 0 };
}

/** Sixteen characters that stand for a version; random ones where nothing identifies it. */
export async function versionTag(validator: string | undefined): Promise<string> {
  const tag =
    validator === undefined
      ? crypto.randomUUID().replaceAll('-', '')
      : await sha256(new TextEncoder().encode(validator));
  return tag.slice(0, 16);
}

interface FileSink extends Sink {
  /** Of the partial file. */
  readonly path: string;
  /** Gives the complete file its name, if `check` lets it pass. */
  commit(path: string, check: (part: string) => Promise<void>): Promise<void>;
  /** Closes the file; it stays for a later call when it can be resumed. */
  discard(): Promise<void>;
}

/**
 * Partial files are named by the validator, and bytes are written at explicit offsets: processes that fetch the same
 * version at the same time write the same bytes to the same places, so they need no lock.
 */
async function openPart(partPath: string, canContinue: boolean): Promise<FileSink> {
  const fs = await nodeFs();
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
    commit: (target, check) =>
      wrapped(target, async () => {
        await handle.truncate(received);
        await handle.sync();
        await close();
        try {
          await check(partPath);
          await renameFile(partPath, target);
        } catch (error) {
          if (errnoOf(error) === 'ENOENT' && (await exists(target))) return; // another process was first with the same bytes
          if (error instanceof PatchslimError) await fs.rm(partPath, { force: true });
          throw error;
        }
      }),
    discard: async () => {
      await close();
      if (!canContinue || received === 0) await fs.rm(partPath, { force: true });
    },
  };
}

/** As long as nobody writes to a file, in ms, before it counts as left behind: other machines may use the cache. */
const leftAfter = 24 * 60 * 60 * 1000;

/** Removes `own` parts, and parts and versions of the same file that nobody has written to for a day. */
async function removeLeftovers(path: string, own: ReadonlySet<string>): Promise<void> {
  const [fs, paths] = await Promise.all([nodeFs(), nodePath()]);
  const { dir, base } = paths.parse(path);
  const stem = base.replace(version, '');
  const names = await fs.readdir(dir).catch(() => [] as string[]); // it may be writable without being readable
  for (const name of names) {
    if (name === base || !name.startsWith(`${stem}.`) || !leftover.test(name.slice(stem.length))) continue;
    const file = paths.join(dir, name);
    const stats = await fs.lstat(file).catch(() => undefined);
    if (!stats?.isFile() || (!own.has(file) && Date.now() - stats.mtimeMs < leftAfter)) continue;
    // Windows does not remove a file that another process has open; a later download will.
    await fs.unlink(file).catch(() => undefined);
  }
}

const version = /\.[0-9a-f]{16}$/;
const leftover = /^\.[0-9a-f]{16}(\.incomplete)?$/;

/** Opens for reading and writing without truncating, and creates when absent: no single flag of Node does both. */
async function openForUpdate(path: string): Promise<FileHandle> {
  const fs = await nodeFs();
  const { O_RDWR, O_CREAT } = fs.constants;
  return fs.open(path, O_RDWR | O_CREAT);
}

/** An error of the file system as one of ours. */
export async function wrapped<T>(path: string, use: () => Promise<T>): Promise<T> {
  try {
    return await use();
  } catch (error) {
    throw error instanceof PatchslimError ? error : fileError('fromPretrained', path, error);
  }
}
