/** Downloads of Node: files in a folder of the user. */

import { nodeFs } from '@patchslim/tensor/files';
import { fileSource } from './byte-source.js';
import { cachedDownload, cachePath, defaultCacheDir, exists } from './cache.js';
import type { Downloaded, Downloads } from './downloaded.js';
import { readJsonFile } from './located.js';

export async function folderDownloads(cacheDir: string | undefined): Promise<Downloads> {
  const folder = cacheDir ?? (await defaultCacheDir());
  return {
    async kept(url) {
      const path = await cachePath(url, folder);
      return (await exists(path)) ? fileAt(path) : undefined;
    },
    fetch: async (url, options) => fileAt(await cachedDownload(url, folder, options)),
  };
}

const fileAt = (path: string): Downloaded => ({
  open: () => fileSource(path),
  json: () => readJsonFile(path),
  forget: async () => (await nodeFs()).rm(path, { force: true }),
});
