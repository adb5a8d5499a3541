/** A repository of the hub at one commit (Node): asked for at the hub, kept in the hub's cache. */

import { PatchslimError } from '@patchslim/tensor';
import { nodeFs } from '@patchslim/tensor/files';
import { fileSource } from '../byte-source.js';
import { exists } from '../file-exists.js';
import { readJsonFile } from '../located.js';
import type { DownloadOptions } from './attempts.js';
import { hubCache, type HubCache } from './hub-cache.js';
import { listHub } from './hub-api.js';
import { askHub, isCommit, type HubFile } from './hub-metadata.js';
import { hubRefusal, type HubPlace } from './hub-refusal.js';
import { downloadFile, versionTag } from './part-file.js';
import type { Downloaded, RemoteFolder } from './remote-files.js';

/** How a repository is asked. */
export interface HubOptions extends DownloadOptions {
  readonly cacheDir: string;
  /** Why nothing may be asked, if so. */
  readonly offline: string | undefined;
}

/** As long as the hub may take to answer when the cache could serve instead, in ms. */
const patience = 10_000;

/** The address below which the files of a revision lie. */
export const resolveRoot = ({ endpoint, id, revision }: HubPlace): URL =>
  new URL(`${endpoint}/${id}/resolve/${encodeURIComponent(revision)}/`);

/**
 * Opens a repository: finds the commit of a branch or tag, at the hub, or in the cache when the hub cannot be asked.
 *
 * @param firstFile the file that is asked about to learn the commit
 * @returns undefined where the server tells no commits, and thus is no hub
 * @throws as `hubRefusal` and `download`; `NOT_FOUND` offline without a copy in the cache
 */
export async function openRepository(
  place: HubPlace,
  firstFile: string,
  options: HubOptions,
): Promise<RemoteFolder | undefined> {
  const cache = await hubCache(options.cacheDir, place.id);
  const fixed = isCommit(place.revision);
  const before = fixed ? place.revision : await cache.readRef(place.revision);
  const explain = (answer: Response) => hubRefusal(place, answer, options.token);
  const transfer = { ...options, onProgress: undefined, explain };
  if (options.offline !== undefined) {
    if (before === undefined) throw notKept(place, cache, options.offline);
    return repositoryAt(before, { place, cache, transfer, offline: options.offline });
  }
  if (fixed) return repositoryAt(place.revision, { place, cache, transfer });

  const url = new URL(firstFile, resolveRoot(place));
  const limits =
    before === undefined ? {} : { retries: 0, stallMs: Math.min(patience, options.stallMs ?? patience) };
  try {
    const asked = await askHub(url, { ...transfer, ...limits });
    const { commit } = asked;
    if (commit === undefined) return undefined;
    return repositoryAt(commit, { place, cache, transfer, first: { file: firstFile, asked } });
  } catch (error) {
    if (before === undefined || !mayUseCache(error)) throw error;
    const offline = error.message;
    return repositoryAt(before, {
      place,
      cache,
      transfer,
      offline,
      remark: staleRemark(place, before, offline),
    });
  }
}

/** What was downloaded before may serve for everything that the hub can fail with, but for a revision that is gone. */
const mayUseCache = (error: unknown): error is PatchslimError =>
  error instanceof PatchslimError &&
  (error.code === 'DOWNLOAD_FAILED' || error.code === 'NOT_FOUND') &&
  error.details['reason'] !== 'RevisionNotFound';

interface Opened {
  readonly place: HubPlace;
  readonly cache: HubCache;
  readonly transfer: DownloadOptions;
  readonly offline?: string;
  readonly remark?: string;
  /** The answer that told the commit. */
  readonly first?: { readonly file: string; readonly asked: HubFile };
}

function repositoryAt(
  commit: string,
  { place, cache, transfer, offline, remark, first }: Opened,
): RemoteFolder {
  const { id, revision } = place;
  const current = { ...place, id: first ? idOf(first.asked, place) : id, revision: commit };
  const root = resolveRoot(current);
  const renamed = current.id === id ? [] : [`'${id}' was renamed on the hub: it is now '${current.id}'`];
  const ask = (file: string, options: DownloadOptions): Promise<HubFile> =>
    first?.file === file ? Promise.resolve(first.asked) : askHub(addressBelow(root, file), options);

  return {
    name: `${id}@${revision}`,
    async fetch(file, options) {
      const found = await cache.find(commit, file);
      if (found === 'absent') return 'absent';
      if (found) return fileAt(found.path);
      if (offline !== undefined) return 'unknown';
      const { explain, token } = transfer;
      const asked = await ask(file, { ...options, onProgress: undefined, explain });
      if (!asked.exists) {
        await cache.writeAbsent(commit, file);
        return 'absent';
      }
      return fetchBlob(cache, commit, file, asked, addressBelow(root, file), { ...options, explain, token });
    },
    offline: () => offline,
    list: () => (offline === undefined ? listHub(current, transfer) : Promise.resolve(undefined)),
    async complete() {
      if (offline === undefined && revision !== commit) await cache.writeRef(revision, commit);
    },
    remarks: () => [...renamed, ...(remark === undefined ? [] : [remark])],
  };
}

async function fetchBlob(
  cache: HubCache,
  commit: string,
  file: string,
  { etag, size }: HubFile,
  url: URL,
  options: DownloadOptions,
): Promise<Downloaded> {
  if (etag === undefined) {
    const message = `download: ${url.href}: expected an ETag, as the hub sends; is HF_ENDPOINT the address of a hub?`;
    throw new PatchslimError('DOWNLOAD_FAILED', message, { url: url.href });
  }
  const blob = await cache.blobPath(etag);
  const isHere = await exists(blob);
  if (!isHere) {
    const target = async (validator: string | undefined) => ({
      path: blob,
      part: `${blob}.${await versionTag(validator)}.incomplete`,
    });
    await downloadFile(url, target, options, (path) => checkBlob(path, file, etag, size));
  }
  await cache.link(blob, commit, file, !isHere);
  const isProven = isSha256(etag);
  return fileAt(
    cache.pathOf(commit, file),
    isHere || isProven ? undefined : () => cache.remove(blob, commit, file),
  );
}

const isSha256 = (etag: string): boolean => /^[0-9a-f]{64}$/.test(etag);

/** @throws `DOWNLOAD_FAILED` for a file of another size, or other bytes, than the hub told */
async function checkBlob(path: string, file: string, etag: string, size: number | undefined): Promise<void> {
  const found = (await (await nodeFs()).stat(path)).size;
  const refuse = (problem: string) =>
    new PatchslimError(
      'DOWNLOAD_FAILED',
      `download: '${file}': ${problem}; the bytes were not kept: try again`,
      { file },
    );
  if (size !== undefined && found !== size) throw refuse(`expected ${size} bytes, got ${found}`);
  if (!isSha256(etag)) return;
  const hash = await sha256OfFile(path);
  if (hash !== etag) throw refuse(`expected SHA-256 ${etag}, got ${hash}`);
}

async function sha256OfFile(path: string): Promise<string> {
  const { createHash } = await import(/* webpackIgnore: true */ /* @vite-ignore */ 'node:crypto');
  const { createReadStream } = await import(/* webpackIgnore: true */ /* @vite-ignore */ 'node:fs');
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array);
  return hash.digest('hex');
}

const fileAt = (path: string, forget?: () => Promise<void>): Downloaded => ({
  open: () => fileSource(path),
  json: () => readJsonFile(path),
  forget,
});

const addressBelow = (root: URL, file: string): URL =>
  new URL(file.split('/').map(encodeURIComponent).join('/'), root);

/** The name under which the hub knows the repository now. */
function idOf({ url }: HubFile, { endpoint, id }: HubPlace): string {
  const below = url.href.slice(endpoint.length);
  return url.href.startsWith(endpoint) ? (/^\/([\w.-]+\/[\w.-]+)\/resolve\//.exec(below)?.[1] ?? id) : id;
}

const staleRemark = ({ id }: HubPlace, commit: string, reason: string): string =>
  `commit ${commit.slice(0, 7)} of ${id}, downloaded before, is used, since the hub could not be asked for a newer one: ${reason}`;

function notKept({ id, revision }: HubPlace, cache: HubCache, reason: string): PatchslimError {
  const message = `fromPretrained: the cache has no copy of ${id}@${revision} (${cache.folder}), and ${reason}: allow the download, or give the path of a folder`;
  return new PatchslimError('NOT_FOUND', message, { id, revision, path: cache.folder });
}
