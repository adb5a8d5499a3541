/**
 * Reads Python wheels, which are zip files: what they are, and some of their files. A wheel of TensorFlow unpacks to more than a
 * gigabyte, so files are streamed to the disk; each is checked with the SHA-256 that the wheel records of it.
 */

import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { access, mkdir } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { openPromise, type Entry, type ZipFile } from 'yauzl';
import { PatchslimError, throwIfAborted, type LongCallOptions } from '@patchslim/tensor';

/** A file to unpack, and where to. */
export type Unpacking = readonly [file: string, target: string];

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

/** In bytes: texts that are read whole. */
const largestText = 64_000_000;

/**
 * Opens a wheel.
 *
 * @param where name of the caller in errors
 * @throws `NOT_FOUND`; `INVALID_ARGUMENT` for a file that is no wheel
 */
export async function openWheel(where: string, path: string): Promise<Wheel> {
  await access(path).catch((cause: unknown) => {
    throw new PatchslimError('NOT_FOUND', `${where}: there is no file ${path}`, { path }, cause);
  });
  const refuse = (what: string, cause?: unknown): PatchslimError =>
    new PatchslimError(
      'INVALID_ARGUMENT',
      `${where}: ${path} is no whole Python wheel: ${what}; download it again`,
      { path },
      cause,
    );
  const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
  let zip: ZipFile;
  const entries = new Map<string, Entry>();
  try {
    zip = await openPromise(path, { autoClose: false, lazyEntries: true });
    for await (const entry of zip.eachEntry()) entries.set(entry.fileName, entry);
  } catch (error) {
    throw refuse(reasonOf(error), error);
  }

  async function read(file: string): Promise<string | undefined> {
    const entry = entries.get(file);
    if (entry === undefined) return undefined;
    if (entry.uncompressedSize > largestText) throw refuse(`${file} has ${entry.uncompressedSize} bytes`);
    try {
      return await text(await zip.openReadStreamPromise(entry));
    } catch (error) {
      throw refuse(`${file}: ${reasonOf(error)}`, error);
    }
  }
  const infoFile = (name: string): string | undefined =>
    [...entries.keys()].find((file) => /^[^/]+\.dist-info\/[^/]+$/.test(file) && basename(file) === name);
  const readInfo = async (name: string): Promise<string> => {
    const content = await read(infoFile(name) ?? '');
    if (content === undefined) throw refuse(`it has no .dist-info/${name}`);
    return content;
  };

  try {
    const metadata = await readInfo('METADATA');
    const hashes = hashesOf(await readInfo('RECORD'));
    const wheel: Wheel = {
      path,
      name: (fieldsOf(metadata, 'Name')[0] ?? '').toLowerCase().replaceAll(/[-_.]+/g, '-'),
      version: fieldsOf(metadata, 'Version')[0] ?? '',
      tags: fieldsOf(await readInfo('WHEEL'), 'Tag'),
      requirements: fieldsOf(metadata, 'Requires-Dist'),
      files: [...entries.keys()],
      read,
      async unpack(files, { signal, onProgress } = {}) {
        const total = files.reduce((sum, [file]) => sum + (entries.get(file)?.uncompressedSize ?? 0), 0);
        let done = 0;
        for (const [file, target] of files) {
          throwIfAborted(signal, where);
          const entry = entries.get(file);
          if (entry === undefined) throw refuse(`it has no ${file}`);
          await mkdir(dirname(target), { recursive: true });
          const hash = createHash('sha256');
          await pipeline(
            await zip.openReadStreamPromise(entry),
            async function* (source: AsyncIterable<Buffer>) {
              for await (const chunk of source) {
                hash.update(chunk);
                done += chunk.length;
                onProgress?.({ stage: 'unpack', done, total, unit: 'bytes' });
                yield chunk;
              }
            },
            createWriteStream(target),
            { signal },
          ).catch((error: unknown) => {
            throwIfAborted(signal, where);
            throw writeErrors.includes((error as NodeJS.ErrnoException).code ?? '')
              ? new PatchslimError('IO_FAILED', `${where}: cannot write ${target}: ${reasonOf(error)}`, { path: target }, error) // prettier-ignore
              : refuse(`${file}: ${reasonOf(error)}`, error);
          });
          if (hash.digest('base64url') !== hashes.get(file))
            throw refuse(`${file} has another SHA-256 than recorded`);
        }
      },
      close: () => zip.close(),
    };
    return wheel;
  } catch (error) {
    zip.close();
    throw error;
  }
}

/** Codes of errors of the disk. */
const writeErrors = ['ENOSPC', 'EDQUOT', 'EFBIG', 'EIO', 'EROFS', 'EACCES', 'EPERM', 'ENOENT'];

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
