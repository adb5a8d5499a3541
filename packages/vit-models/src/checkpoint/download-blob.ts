/** Downloads into memory, for browsers. */

import { download, type DownloadOptions } from './download.js';

/** @throws as `download` */
export async function downloadBlob(url: URL, options: DownloadOptions): Promise<Blob> {
  let chunks: Uint8Array<ArrayBuffer>[] = [];
  let received = 0;
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
    () => {
      sink.restart();
      return Promise.resolve(sink);
    },
    options,
  );
  return new Blob(chunks);
}
