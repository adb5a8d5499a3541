/** Files of the network that are fetched once: from a folder of the user in Node, from the browser's Cache API in a page. */

import { isPatchslimError, PatchslimError } from '@patchslim/tensor';
import { isNode } from '@patchslim/tensor/files';
import type { ByteSource } from './byte-source.js';
import type { DownloadOptions } from './download.js';
import type { JsonFile } from './hub-config.js';
import { folderDownloads } from './folder-downloads.js';
import { webDownloads } from './web-downloads.js';

/** One file that is here. */
export interface Downloaded {
  open(): Promise<ByteSource>;
  /** @throws `CHECKPOINT_INVALID` when it is absurdly large */
  json(): Promise<JsonFile | undefined>;
  /** Takes it out of the cache, so that the next attempt does not meet it again. */
  forget(): Promise<void>;
}

/** Downloads, and where they are kept. */
export interface Downloads {
  /** The file of an address, if it is kept; nothing is fetched. */
  kept(url: URL): Promise<Downloaded | undefined>;
  /** The file of an address, downloaded unless it is kept. @throws as `download`, and `IO_FAILED` */
  fetch(url: URL, options: DownloadOptions): Promise<Downloaded>;
}

/** @param cacheDir in Node */
export function openDownloads(cacheDir: string | undefined): Promise<Downloads> {
  return isNode() ? folderDownloads(cacheDir) : webDownloads();
}

/** Forgets a download that is not what it should be, a page of a login portal for example. */
export async function keepWhenValid<T>(file: Downloaded, check: () => T | Promise<T>): Promise<T> {
  try {
    return await check();
  } catch (error) {
    if (!isPatchslimError(error, 'CHECKPOINT_INVALID')) throw error;
    await file.forget();
    const hint = 'the download was removed from the cache, so that the next attempt fetches it anew';
    throw new PatchslimError(error.code, `${error.message}; ${hint}`, error.details, error.cause);
  }
}
