/** Files of the network that are named by addresses: of one file, or below a folder. */

import { isNode } from '@patchslim/tensor/files';
import { addressFiles } from './address-files.js';
import { shown, type DownloadOptions } from './attempts.js';
import { isHere, isUnreached, type Found, type RemoteFolder } from './remote-files.js';
import { webFiles } from './web-files.js';

/** How addresses are asked. */
export interface AddressOptions {
  readonly cacheDir: string | undefined;
  /** Why nothing may be asked, if so. */
  readonly offline: string | undefined;
  /** What is kept is used unasked: the address holds a commit. */
  readonly immutable?: boolean;
}

/** Asks for files by address, until the network fails; then answers from what is kept. */
export interface AddressReader {
  fetch(url: URL, options: DownloadOptions): Promise<Found>;
  offline(): string | undefined;
  remarks(): readonly string[];
}

/** The server is asked for every file, each time, whether it has a new version or none. */
export async function addressReader({
  cacheDir,
  offline,
  immutable,
}: AddressOptions): Promise<AddressReader> {
  const files = isNode() ? await addressFiles(cacheDir) : await webFiles();
  let reason = offline;
  const used: string[] = [];
  return {
    offline: () => reason,
    remarks: () => used,
    async fetch(url, options) {
      if (reason !== undefined || immutable === true) {
        const kept = await files.kept(url);
        if (reason !== undefined || kept !== 'unknown') return kept;
      }
      try {
        return await files.fetch(url, options);
      } catch (error) {
        const kept = isUnreached(error) ? await files.kept(url) : 'unknown';
        if (kept === 'unknown') throw error;
        reason = (error as Error).message;
        if (isHere(kept))
          used.push(
            `${shown(url)}: what was downloaded before is used, since the server was not reached: ${reason}`,
          );
        return kept;
      }
    },
  };
}

/** The folder at an address that ends with `/`; a query, such as a signature, goes with every file. */
export async function addressFolder(name: string, root: URL, options: AddressOptions): Promise<RemoteFolder> {
  const reader = await addressReader(options);
  const fileBelow = (file: string): URL => {
    const url = new URL(file.split('/').map(encodeURIComponent).join('/'), root);
    url.search = root.search;
    return url;
  };
  return {
    name,
    fetch: (file, transfer) => reader.fetch(fileBelow(file), transfer),
    offline: () => reader.offline(),
    list: () => Promise.resolve(undefined),
    complete: () => Promise.resolve(),
    remarks: () => reader.remarks(),
  };
}
