/** Files of the network that are fetched once: from a folder of the user in Node, from the browser's Cache API in a page. */

import { isPatchslimError, PatchslimError } from '@patchslim/tensor';
import { isNode } from '@patchslim/tensor/files';
import type { Downloaded, Downloads } from './downloaded.js';
import { folderDownloads } from './folder-downloads.js';
import { webDownloads } from './web-downloads.js';

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
