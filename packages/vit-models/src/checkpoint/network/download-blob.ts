/** Downloads into memory, for browsers and for small answers. */

import type { DownloadOptions } from './attempts.js';
import { download } from './download.js';

/** Bytes, and what identifies their version on the server. */
export interface FetchedBlob {
  readonly blob: Blob;
  readonly validator: string | undefined;
}

/**
 * @param isKept whether a version is here already, so that nothing need be transferred
 * @returns undefined for a version that is kept
 * @throws as `download`
 */
export async function downloadBlob(
  url: URL,
  options: DownloadOptions,
  isKept: (validator: string | undefined) => boolean = () => false,
): Promise<FetchedBlob | undefined> {
  let chunks: Uint8Array<ArrayBuffer>[] = [];
  let received = 0;
  let version: string | undefined;
  let kept = false;
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
      kept = isKept(validator);
      return Promise.resolve(kept ? undefined : sink);
    },
    options,
  );
  return kept ? undefined : { blob: new Blob(chunks), validator: version };
}
