/** Download of one published file, which comes into being only when it is whole and has the published checksum (Node). */

import { PatchslimError, throwIfAborted } from '@patchslim/tensor';
import { writeWhole } from '@patchslim/tensor/files';
import { download, type DownloadOptions, type Sink } from '@patchslim/vit-models';
import { md5 as md5Of } from './md5.js';

export interface DownloadFileOptions extends Pick<
  DownloadOptions,
  'retries' | 'stallMs' | 'signal' | 'onProgress'
> {
  /** In hex; what comes with another is not kept. */
  readonly md5: string;
  /** Largest file that is taken, in bytes: it is held in memory until it has been checked. */
  readonly most: number;
}

const where = 'openSmallSet';

/**
 * Downloads `url` to `path`. Progress is of a stage `download NAME`, in bytes.
 *
 * @throws `DATA_INVALID` for another checksum, or more than `most` bytes; `NOT_FOUND` (404, 410); `DOWNLOAD_FAILED` after
 * all retries or when the server refuses; `IO_FAILED`; `ABORTED`. In every case `path` is as it was
 */
export async function downloadFile(url: URL, path: string, options: DownloadFileOptions): Promise<void> {
  const { md5, most, signal, onProgress, ...transfer } = options;
  const address = `${url.origin}${url.pathname}`; // without what may be secret: user, password, query
  const sink = memorySink(address, most);
  const stage = `download ${url.pathname.split('/').pop()}`;
  await download(url, () => Promise.resolve(sink), {
    ...transfer,
    signal,
    onProgress: (event) => onProgress?.({ ...event, stage }),
  });
  const found = await md5Of(sink.chunks);
  if (found !== md5) {
    throw checksumError(address, md5, found, 'it was not kept; the file there is another, or was damaged');
  }
  throwIfAborted(signal, where);
  await writeWhole(where, path, sink.chunks);
}

/** @param file a path or an address */
export function checksumError(file: string, expected: string, found: string, hint: string): PatchslimError {
  const message = `${where}: '${file}': expected MD5 ${expected}, got ${found}; ${hint}`;
  return new PatchslimError('DATA_INVALID', message, { file, expected, found });
}

function memorySink(address: string, most: number): Sink & { readonly chunks: readonly Uint8Array[] } {
  const chunks: Uint8Array[] = [];
  let received = 0;
  return {
    chunks,
    get received() {
      return received;
    },
    write(chunk) {
      chunks.push(chunk);
      received += chunk.length;
      if (received <= most) return Promise.resolve();
      const message = `${where}: ${address}: expected at most ${most} bytes, but more came`;
      return Promise.reject(new PatchslimError('DATA_INVALID', message, { url: address, most }));
    },
    restart() {
      chunks.length = 0;
      received = 0;
    },
  };
}
