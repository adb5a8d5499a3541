/**
 * Downloads of a browser: kept by address in its Cache API, which takes files of any size and is there offline. Where there
 * is none (a page that is not from https or localhost) or it is full, files are downloaded each time.
 */

import { blobSource } from './byte-source.js';
import { downloadBlob } from './download-blob.js';
import { shown } from './download.js';
import type { Downloaded, Downloads } from './downloaded.js';
import { jsonFile } from './located.js';

/** What is used of browsers; the package is compiled without their types. */
interface Cache {
  match(address: string): Promise<Response | undefined>;
  put(address: string, response: Response): Promise<void>;
  delete(address: string): Promise<boolean>;
}

/** All downloads of an origin: `caches.delete('patchslim')` removes them. */
const cacheName = 'patchslim';

export async function webDownloads(): Promise<Downloads> {
  const cache = await openCache();
  const downloaded = (url: URL, blob: Blob): Downloaded => ({
    open: () => Promise.resolve(blobSource(blob, shown(url))),
    json: () => jsonFile(shown(url), blob.size, () => blob.text()),
    forget: async () => void (await cache?.delete(url.href)),
  });
  const kept = async (url: URL): Promise<Downloaded | undefined> => {
    const response = await cache?.match(url.href);
    return response && downloaded(url, await response.blob());
  };
  return {
    kept,
    async fetch(url, options) {
      const before = await kept(url);
      if (before) return before;
      const blob = await downloadBlob(url, options);
      // A full disk takes nothing from who has the bytes already; they are fetched again another time.
      await cache?.put(url.href, new Response(blob)).catch(() => undefined);
      return downloaded(url, blob);
    },
  };
}

/** Undefined where the browser has none for this page: it may be absent, or refuse. */
async function openCache(): Promise<Cache | undefined> {
  const { caches } = globalThis as { caches?: { open(name: string): Promise<Cache> } };
  return caches?.open(cacheName).catch(() => undefined);
}
