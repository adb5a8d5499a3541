/** What the hub tells of a repository through its API: the commit of a branch, the names of all files. */

import { isPatchslimError } from '@patchslim/tensor';
import { parseJsonObject } from '../hub-config.js';
import type { AddressReader } from './address-folder.js';
import type { DownloadOptions } from './attempts.js';
import { downloadBlob } from './download-blob.js';
import { isCommit } from './hub-metadata.js';
import type { HubPlace } from './hub-refusal.js';
import { isHere, isUnreached } from './remote-files.js';

const apiAddress = ({ endpoint, id, revision }: HubPlace): URL =>
  new URL(`${endpoint}/api/models/${id}/revision/${encodeURIComponent(revision)}`);

const asJson = (options: DownloadOptions): DownloadOptions => ({
  ...options,
  accept: 'application/json',
  onProgress: undefined,
});

/**
 * The commit of a branch or tag, for a page: it may not read the headers of the hub's redirects. Undefined where the server has no
 * such API. @throws as the hub refuses; `ABORTED`
 */
export async function hubCommit(
  place: HubPlace,
  reader: AddressReader,
  options: DownloadOptions,
): Promise<string | undefined> {
  try {
    const found = await reader.fetch(apiAddress(place), asJson(options));
    const json = isHere(found) ? await found.json() : undefined;
    const sha = json && parseJsonObject(json)['sha'];
    return typeof sha === 'string' && isCommit(sha) ? sha : undefined;
  } catch (error) {
    if (isUnreached(error) || isPatchslimError(error, 'CHECKPOINT_INVALID')) return undefined;
    throw error;
  }
}

/** The names of all files, for messages; undefined where the hub does not tell. @throws `ABORTED` */
export async function listHub(
  place: HubPlace,
  options: DownloadOptions,
): Promise<readonly string[] | undefined> {
  const url = apiAddress(place);
  try {
    const answer = await downloadBlob(url, { ...asJson(options), retries: 0 });
    const { siblings } = parseJsonObject({ name: url.href, text: await answer.blob.text() });
    if (!Array.isArray(siblings)) return undefined;
    const names = siblings.map((file: { rfilename?: unknown } | null) => file?.rfilename);
    return names.filter((name) => typeof name === 'string');
  } catch (error) {
    if (isPatchslimError(error, 'ABORTED')) throw error;
    return undefined;
  }
}
