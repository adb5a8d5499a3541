/** The names of all files of a repository, which the hub tells through its API. */

import { isPatchslimError } from '@patchslim/tensor';
import { parseJsonObject } from '../hub-config.js';
import { downloadBlob } from './download-blob.js';
import type { DownloadOptions } from './attempts.js';
import type { HubPlace } from './hub-refusal.js';

/** Undefined where the hub does not tell: the list is for messages only. @throws `ABORTED` */
export async function listHub(
  { endpoint, id, revision }: HubPlace,
  options: DownloadOptions,
): Promise<readonly string[] | undefined> {
  const url = new URL(`${endpoint}/api/models/${id}/revision/${encodeURIComponent(revision)}`);
  try {
    const answer = await downloadBlob(url, {
      ...options,
      accept: 'application/json',
      onProgress: undefined,
      retries: 0,
    });
    const { siblings } = parseJsonObject({ name: url.href, text: await answer.blob.text() });
    if (!Array.isArray(siblings)) return undefined;
    const names = siblings.map((file: { rfilename?: unknown } | null) => file?.rfilename);
    return names.filter((name) => typeof name === 'string');
  } catch (error) {
    if (isPatchslimError(error, 'ABORTED')) throw error;
    return undefined;
  }
}
