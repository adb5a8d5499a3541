/**
 * Reads Python wheels, which are zip files: what they are, and some of their files. A wheel of TensorFlow unpacks to more than a
 * gigabyte, so files are streamed to the disk; each is checked with the SHA-256 that the wheel records of it.
 */

import { access } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { openPromise, type Entry, type ZipFile } from 'yauzl';
import { PatchslimError, type LongCallOptions } from '@patchslim/tensor';
import { unpackFiles, type Unpacking } from './unpack.js';

/** An open wheel. */
export interface Wheel {
  readonly path: string;
  /** In lower case with `-`: `tensorflow-cpu`. */
  readonly name: string;
  readonly version: string;
  /** Such as `cp311-cp311-manylinux_2_27_x86_64`. */
  readonly tags: readonly string[];
  /** Lines of `Requires-Dist`. */
  readonly requirements: readonly string[];
  /** Paths of all files. */
  readonly files: readonly string[];
  /** The text of a small file; undefined if there is none. */
  read(file: string): Promise<string | undefined>;
  /** Writes files to the disk. */
  unpack(files: readonly Unpacking[], options?: LongCallOptions): Promise<void>;
  close(): void;
}

/** A zip file whose directory was read. */
export interface OpenZip {
  readonly path: string;
  readonly zip: ZipFile;
  readonly entries: ReadonlyMap<string, Entry>;
  /** The error for a file that is no whole wheel. */
  readonly refuse: (what: string, cause?: unknown) => PatchslimError;
}

/** In bytes: texts that are read whole. */
const largestText = 64_000_000;

/**
 * Opens a wheel.
 *
 * @param where name of the caller in errors
 * @throws `NOT_FOUND`; `INVALID_ARGUMENT` for a file that is no wheel
 */
export async function openWheel(where: string, path: string): Promise<Wheel> {
  const open = await openZip(where, path);
  try {
    const [metadata, tags, record] = await Promise.all(
      ['METADATA', 'WHEEL', 'RECORD'].map((name) => readInfo(open, name)),
    );
    const hashes = hashesOf(record!);
    return {
      path,
      name: (fieldsOf(metadata!, 'Name')[0] ?? '').toLowerCase().replaceAll(/[-_.]+/g, '-'),
      version: fieldsOf(metadata!, 'Version')[0] ?? '',
      tags: fieldsOf(tags!, 'Tag'),
      requirements: fieldsOf(metadata!, 'Requires-Dist'),
      files: [...open.entries.keys()],
      read: (file) => readText(open, file),
      unpack: (files, options) => unpackFiles(where, open, hashes, files, options),
      close: () => open.zip.close(),
    };
  } catch (error) {
    open.zip.close();
    throw error;
  }
}

async function openZip(where: string, path: string): Promise<OpenZip> {
  await access(path).catch((cause: unknown) => {
    throw new PatchslimError('NOT_FOUND', `${where}: there is no file ${path}`, { path }, cause);
  });
  const refuse: OpenZip['refuse'] = (what, cause) => {
    const message = `${where}: ${path} is no whole Python wheel: ${what}; download it again`;
    return new PatchslimError('INVALID_ARGUMENT', message, { path }, cause);
  };
  let zip: ZipFile | undefined;
  try {
    zip = await openPromise(path, { autoClose: false, lazyEntries: true });
    const entries = new Map<string, Entry>();
    for await (const entry of zip.eachEntry()) entries.set(entry.fileName, entry);
    return { path, zip, entries, refuse };
  } catch (error) {
    zip?.close();
    throw refuse(reasonOf(error), error);
  }
}

async function readText({ zip, entries, refuse }: OpenZip, file: string): Promise<string | undefined> {
  const entry = entries.get(file);
  if (entry === undefined) return undefined;
  if (entry.uncompressedSize > largestText) throw refuse(`${file} has ${entry.uncompressedSize} bytes`);
  try {
    return await text(await zip.openReadStreamPromise(entry));
  } catch (error) {
    throw refuse(`${file}: ${reasonOf(error)}`, error);
  }
}

/** A file of the folder `NAME-VERSION.dist-info`. */
async function readInfo(open: OpenZip, name: string): Promise<string> {
  const isIt = (file: string): boolean => /^[^/]+\.dist-info\/([^/]+)$/.exec(file)?.[1] === name;
  const content = await readText(open, [...open.entries.keys()].find(isIt) ?? '');
  if (content === undefined) throw open.refuse(`it has no .dist-info/${name}`);
  return content;
}

export const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Values of the lines `NAME: value`. */
const fieldsOf = (content: string, name: string): string[] =>
  content
    .split(/\r?\n/)
    .flatMap((line) => (line.startsWith(`${name}: `) ? [line.slice(name.length + 2).trim()] : []));

/** SHA-256 of files in base64url, from lines such as `a/b.so,sha256=…,123`. */
function hashesOf(record: string): ReadonlyMap<string, string> {
  const lines = record.split(/\r?\n/).map((line) => /^"?(.+?)"?,sha256=([\w-]+)=*,\d+$/.exec(line));
  return new Map(lines.flatMap((match) => (match ? [[match[1]!, match[2]!] as const] : [])));
}
