/** Downloads into memory, for browsers and for small answers. */

import type { DownloadOptions } from './attempts.js';
import { download } from './download.js';

/** Bytes, and what identifies their version on the server. */
export interface FetchedBlob {
  readonly blob: Blob;
  readonly validator: string | undefined;
}

/** @throws as `download` */
export async function downloadBlob(url: URL, options: DownloadOptions): Promise<FetchedBlob> {
  let chunks: Uint8Array<ArrayBuffer>[] = [];
  let received = 0;
  let version: string | undefined;
  const sink = {
    get received() {
      return received;
    },
    restart: () => {
      chunks = [];
      received = 0;
    },
    write: (chunk: Uint8Array<ArrayBuffer>) => {
      chunks.push(chunk);
      received += chunk.length;
      return Promise.resolve();
    },
  };
  await download(
    url,
    (validator) => {
      sink.restart();
      version = validator;
      return Promise.resolve(sink);
    },
    options,
  );
  return { blob: new Blob(chunks), validator: version };
}
