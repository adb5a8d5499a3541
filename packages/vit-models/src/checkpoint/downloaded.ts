/** Files of the network that are here, and where they are kept: the same in Node and in a page. */

import type { ByteSource } from './byte-source.js';
import type { DownloadOptions } from './download.js';
import type { JsonFile } from './hub-config.js';

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
