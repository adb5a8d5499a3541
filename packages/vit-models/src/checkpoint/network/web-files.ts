/**
 * Files of single addresses in a browser: kept in its Cache API, which takes files of any size and is there offline. Where there
 * is none (a page that is not from https or localhost) or it is full, files are downloaded each time.
 */

import { blobSource } from '../byte-source.js';
import { jsonFile } from '../located.js';
import type { AddressFiles } from './address-files.js';
import { isMissing, shown } from './attempts.js';
import { downloadBlob } from './download-blob.js';
import type { Downloaded } from './remote-files.js';
import { serverVersion } from './server-version.js';

/** What is used of browsers; the package is compiled without their types. */
interface Cache {
  match(address: string): Promise<Response | undefined>;
  put(address: string, response: Response): Promise<void>;
  delete(address: string): Promise<boolean>;
}

/** All downloads of an origin: `caches.delete('patchslim')` removes them. */
const cacheName = 'patchslim';
/** Header of a kept answer: the server's validator of the bytes. */
const versionHeader = 'x-patchslim-version';

export async function webFiles(): Promise<AddressFiles> {
  const cache = await openCache();
  // A full disk takes nothing from who has the bytes already; they are fetched again another time.
  const keep = (url: URL, answer: Response) => cache?.put(url.href, answer).catch(() => undefined);
  const downloaded = (url: URL, blob: Blob): Downloaded => ({
    open: () => Promise.resolve(blobSource(blob, shown(url))),
    json: () => jsonFile(shown(url), blob.size, () => blob.text()),
    forget: async () => void (await cache?.delete(url.href)),
  });
  return {
    async kept(url) {
      const answer = await cache?.match(url.href);
      if (!answer) return 'unknown';
      return answer.status === 404 ? 'absent' : downloaded(url, await answer.blob());
    },
    async fetch(url, options) {
      const before = await cache?.match(url.href);
      const version = before?.headers.get(versionHeader) ?? undefined;
      if (before && version !== undefined && (await serverVersion(url, options)) === version) {
        return downloaded(url, await before.blob());
      }
      try {
        const { blob, validator } = await downloadBlob(url, options);
        await keep(
          url,
          new Response(blob, { headers: validator === undefined ? {} : { [versionHeader]: validator } }),
        );
        return downloaded(url, blob);
      } catch (error) {
        if (!isMissing(error)) throw error;
        await keep(url, new Response(null, { status: 404 }));
        return 'absent';
      }
    },
  };
}

/** Undefined where the browser has none for this page: it may be absent, or refuse. */
async function openCache(): Promise<Cache | undefined> {
  const { caches } = globalThis as { caches?: { open(name: string): Promise<Cache> } };
  return caches?.open(cacheName).catch(() => undefined);
}
