/** Files of the network, wherever they are kept: the same in Node and in a page. */

import { isPatchslimError, PatchslimError } from '@patchslim/tensor';
import type { ByteSource } from '../byte-source.js';
import type { JsonFile } from '../hub-config.js';
import type { DownloadOptions } from './attempts.js';

/** One file that is here. */
export interface Downloaded {
  open(): Promise<ByteSource>;
  /** @throws `CHECKPOINT_INVALID` when it is absurdly large */
  json(): Promise<JsonFile | undefined>;
  /** Takes it out of the cache, so that the next attempt does not meet it again; absent where the bytes are known to be the server's. */
  readonly forget?: (() => Promise<void>) | undefined;
}

/**
 * `absent`: the server said that there is no such file, now or at an earlier call. `unknown`: it was never asked, and cannot be
 * asked now. No file is taken for absent without having been asked for.
 */
export type Found = Downloaded | 'absent' | 'unknown';

export const isHere = (found: Found): found is Downloaded => typeof found === 'object';

/** The files below one address, or of a hub repository at one commit. */
export interface RemoteFolder {
  /** What errors call it. */
  readonly name: string;
  /** A file, downloaded unless what is kept is current. @throws as `download`, and `IO_FAILED` */
  fetch(file: string, options: DownloadOptions): Promise<Found>;
  /** Why the server is not asked, if so: a clause for the user. */
  offline(): string | undefined;
  /** Names of all files, where the server tells them. */
  list(): Promise<readonly string[] | undefined>;
  /** To be called when all files that were wanted are here. */
  complete(): Promise<void>;
  /** What the user should know of how the files were found: sentences. */
  remarks(): readonly string[];
}

/** Whether a server gave no answer, or one that may be better later: then what is kept from before may serve. */
export const isUnreached = (error: unknown): error is PatchslimError =>
  isPatchslimError(error, 'DOWNLOAD_FAILED') && error.details['status'] === undefined;

/** Forgets a download that is not what it should be, a page of a login portal for example. */
export async function keepWhenValid<T>(file: Downloaded, check: () => T | Promise<T>): Promise<T> {
  try {
    return await check();
  } catch (error) {
    if (!file.forget || !isPatchslimError(error, 'CHECKPOINT_INVALID')) throw error;
    await file.forget();
    const hint = 'the download was removed from the cache, so that the next attempt fetches it anew';
    throw new PatchslimError(error.code, `${error.message}; ${hint}`, error.details, error.cause);
  }
}
