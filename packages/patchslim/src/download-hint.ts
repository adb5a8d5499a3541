/** What to do where a download fails: only the command knows which option takes what is here already. */

import { isPatchslimError, PatchslimError } from '@patchslim/tensor';

/** Adds `hint` to the error of a download that failed. */
export async function withDownloadHint<T>(hint: string, download: Promise<T>): Promise<T> {
  try {
    return await download;
  } catch (error) {
    if (!isPatchslimError(error, 'DOWNLOAD_FAILED')) throw error;
    throw new PatchslimError(error.code, `${error.message}; ${hint}`, error.details, error.cause);
  }
}
