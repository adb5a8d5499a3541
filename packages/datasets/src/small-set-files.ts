/** The files of small sets: found in a folder, unpacked or as published, or downloaded into it. */

import { PatchslimError, throwIfAborted, type LongCallOptions } from '@patchslim/tensor';
import { nodeFs, nodePath } from '@patchslim/tensor/files';
import { checksumError, downloadFile } from './download-file.js';
import { inflateGzip, isGzip } from './gzip.js';
import { md5 } from './md5.js';
import { readFileUpTo } from './read-file.js';
import type { SmallSet, Split } from './small-sets.js';
import { readTar } from './tar.js';

/** Options of `openSmallSet`. */
export interface OpenSmallSetOptions extends LongCallOptions {
  /** Where the files lie, and downloads go. */
  readonly folder: string;
  /** Whether files that are missing are downloaded, and from another address than the set's. @default false */
  readonly download?: boolean | { readonly from?: string | URL | undefined } | undefined;
  /** Whether compressed files that are found in the folder must have the official checksum. @default true */
  readonly verify?: boolean | undefined;
}

/** The bytes of a file, and what errors call it. */
export interface NamedBytes {
  readonly name: string;
  readonly bytes: Uint8Array;
}

const where = 'openSmallSet';
const mostBytes = 400_000_000; // the archive of CIFAR-10 has 170 million, and 184 unpacked

/**
 * The files that hold a split, in the order of `unpacked`; those of IDX may still be compressed.
 *
 * @throws as `openSmallSet`
 */
export async function readSplitFiles(
  set: SmallSet,
  split: Split,
  options: OpenSmallSetOptions,
): Promise<NamedBytes[]> {
  return (await readUnpacked(set, split, options.folder)) ?? (await readOfficial(set, split, options));
}

/** Undefined unless all of them are there, in one folder. */
async function readUnpacked(set: SmallSet, split: Split, folder: string): Promise<NamedBytes[] | undefined> {
  const path = await nodePath();
  for (const parent of [folder, ...(set.folder === undefined ? [] : [path.join(folder, set.folder)])]) {
    const paths = set.files[split].unpacked.map((name) => path.join(parent, name));
    if ((await missingOf(paths)).length === 0) return Promise.all(paths.map(readNamed));
  }
  return undefined;
}

async function readOfficial(
  set: SmallSet,
  split: Split,
  { folder, download = false, verify = true, signal, onProgress }: OpenSmallSetOptions,
): Promise<NamedBytes[]> {
  const path = await nodePath();
  const { official, unpacked } = set.files[split];
  const pathOf = ({ name }: { name: string }): string => path.join(folder, name);
  const missing = await missingOf(official.map(pathOf));
  if (missing.length > 0 && download === false) throw notFound(set, split, folder, missing);
  if (missing.length > 0) await makeFolder(folder);
  const from = new URL((typeof download === 'object' ? download.from : undefined) ?? set.address);
  if (!from.pathname.endsWith('/')) from.pathname += '/';

  const files: NamedBytes[] = [];
  for (const file of official) {
    const local = pathOf(file);
    const isNew = missing.includes(local);
    if (isNew) {
      const url = new URL(file.name, from);
      await downloadFile(url, local, { md5: file.md5, most: mostBytes, signal, onProgress });
    }
    const named = await readNamed(local);
    if (verify && !isNew) {
      const found = await md5([named.bytes]);
      const hint = 'remove it to have it downloaded, or take it as it is with verify: false';
      if (found !== file.md5) throw checksumError(local, file.md5, found, hint);
    }
    throwIfAborted(signal, where);
    files.push(named);
  }
  return set.folder === undefined ? files : unpackTar(files[0]!, set.folder, unpacked);
}

async function unpackTar(
  { name, bytes }: NamedBytes,
  folder: string,
  wanted: readonly string[],
): Promise<NamedBytes[]> {
  const inflated = isGzip(bytes) ? await inflateGzip(bytes, name, mostBytes) : bytes;
  const entries = readTar(inflated, name);
  return wanted.map((file) => {
    const entry = entries.get(`${folder}/${file}`);
    if (entry) return { name: `${name}: ${file}`, bytes: entry };
    const message = `${name}: expected a file ${folder}/${file} in the archive, which has ${entries.size} files`;
    throw new PatchslimError('DATA_INVALID', message, { archive: name, file });
  });
}

async function readNamed(path: string): Promise<NamedBytes> {
  return { name: `${where}: '${path}'`, bytes: await readFileUpTo(where, path, mostBytes) };
}

async function missingOf(paths: readonly string[]): Promise<string[]> {
  const fs = await nodeFs();
  const found = await Promise.all(
    paths.map((path) =>
      fs.access(path).then(
        () => true,
        () => false,
      ),
    ),
  );
  return paths.filter((_, i) => !found[i]);
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await (await nodeFs()).mkdir(folder, { recursive: true });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const message = `${where}: cannot make the folder '${folder}': ${reason}`;
    throw new PatchslimError('IO_FAILED', message, { folder }, cause);
  }
}

function notFound(set: SmallSet, split: Split, folder: string, missing: readonly string[]): PatchslimError {
  const { official, unpacked } = set.files[split];
  return new PatchslimError(
    'NOT_FOUND',
    `${where}: '${folder}' has no ${split} images of ${set.name}: expected ` +
      `${official.map(({ name }) => name).join(' and ')}, or unpacked ${unpacked.join(', ')}; ` +
      `download: true fetches what is missing from ${set.address}`,
    { folder, missing, address: set.address },
  );
}
