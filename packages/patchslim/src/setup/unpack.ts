/** Unpacks files of a wheel to the disk, as a stream, and checks them. */

import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { PatchslimError, throwIfAborted, type LongCallOptions } from '@patchslim/tensor';
import { reasonOf, type OpenZip } from './wheel.js';

/** A file of the wheel, and where to write it. */
export type Unpacking = readonly [file: string, target: string];

/**
 * @param hashes SHA-256 of each file in base64url
 * @throws `INVALID_ARGUMENT` for a file that is missing, damaged or not what was recorded; `IO_FAILED`, `ABORTED`
 */
export async function unpackFiles(
  where: string,
  open: OpenZip,
  hashes: ReadonlyMap<string, string>,
  files: readonly Unpacking[],
  { signal, onProgress }: LongCallOptions = {},
): Promise<void> {
  const { entries, refuse } = open;
  const total = files.reduce((sum, [file]) => sum + (entries.get(file)?.uncompressedSize ?? 0), 0);
  let done = 0;
  for (const [file, target] of files) {
    throwIfAborted(signal, where);
    try {
      const hash = await unpackFile(open, file, target, signal, (bytes) => {
        done += bytes;
        onProgress?.({ stage: 'unpack', done, total, unit: 'bytes' });
      });
      if (hash !== hashes.get(file)) throw refuse(`${file} has another SHA-256 than it records`);
    } catch (error) {
      throwIfAborted(signal, where);
      if (error instanceof PatchslimError) throw error;
      // Errors of the disk have the name of a system call; those of the zip have not.
      if (typeof (error as NodeJS.ErrnoException).syscall !== 'string') throw refuse(`${file}: ${reasonOf(error)}`, error); // prettier-ignore
      const message = `${where}: cannot write ${target}: ${reasonOf(error)}`;
      throw new PatchslimError('IO_FAILED', message, { path: target }, error);
    }
  }
}

/** @returns the SHA-256 in base64url */
async function unpackFile(
  { zip, entries, refuse }: OpenZip,
  file: string,
  target: string,
  signal: AbortSignal | undefined,
  onBytes: (count: number) => void,
): Promise<string> {
  const entry = entries.get(file);
  if (entry === undefined) throw refuse(`it has no ${file}`);
  await mkdir(dirname(target), { recursive: true });
  const hash = createHash('sha256');
  async function* watched(source: AsyncIterable<Buffer>) {
    for await (const chunk of source) {
      hash.update(chunk);
      onBytes(chunk.length);
      yield chunk;
    }
  }
  await pipeline(await zip.openReadStreamPromise(entry), watched, createWriteStream(target), { signal });
  return hash.digest('base64url');
}
