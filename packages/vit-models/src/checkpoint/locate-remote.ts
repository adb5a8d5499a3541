/** Checkpoints on the network: an address, or a repository of the Hugging Face hub. */

import { PatchslimError, type LongCallOptions } from '@patchslim/tensor';
import { isNode } from '@patchslim/tensor/files';
import type { ByteSource } from './byte-source.js';
import { openContainer } from './containers/open-container.js';
import { readWeightIndex } from './containers/split-weights.js';
import { parseJsonObject, type JsonFile } from './hub-config.js';
import { configFile, openParts, preprocessorFile, weightsFiles, type Located } from './located.js';
import { addressFolder, addressReader } from './network/address-folder.js';
import { shown, type DownloadOptions } from './network/attempts.js';
import { endpointOf, hubCacheDir, offlineReason } from './network/environment.js';
import { hubCommit, listHub } from './network/hub-api.js';
import { isCommit } from './network/hub-metadata.js';
import { hubRefusal, type HubPlace } from './network/hub-refusal.js';
import { openRepository, resolveRoot } from './network/hub-repository.js';
import type { HubSource } from './network/hub-source.js';
import { hubToken } from './network/hub-token.js';
import { noWeights } from './network/no-weights.js';
import {
  isHere,
  keepWhenValid,
  type Downloaded,
  type Found,
  type RemoteFolder,
} from './network/remote-files.js';

/** Where a checkpoint is downloaded from, and where it is kept. */
export interface RemoteOptions extends LongCallOptions {
  /**
   * Folder for downloads (Node only). By default repositories go to the cache of the hub, which Python's libraries use too
   * (`HF_HUB_CACHE`, else `hub` in `HF_HOME`, else `~/.cache/huggingface/hub`), other addresses to `$XDG_CACHE_HOME/patchslim`, else
   * `~/.cache/patchslim`. A browser keeps them in its Cache API, under the name `patchslim`.
   */
  readonly cacheDir?: string | undefined;
  /** Branch, tag or commit of a hub repository (default `main`). Of a branch the newest commit is taken, of a commit nothing is asked. */
  readonly revision?: string | undefined;
  /** Whether only what was downloaded before is used (default: whether `HF_HUB_OFFLINE` or `TRANSFORMERS_OFFLINE` is set). */
  readonly offline?: boolean | undefined;
  /** Hub (default `HF_ENDPOINT`, else https://huggingface.co). */
  readonly endpoint?: string | undefined;
  /**
   * Hub token (default `HF_TOKEN`, else the one that `hf auth login` saved, unless `HF_HUB_DISABLE_IMPLICIT_TOKEN` is set); it is sent
   * to the hub only.
   */
  readonly token?: string | undefined;
  /** Default: the runtime's own; in Node through the proxy of `HTTPS_PROXY`, `HTTP_PROXY` or `ALL_PROXY`, if one is set. */
  readonly fetch?: typeof globalThis.fetch | undefined;
  /** Attempts of a download after the first (default 4). */
  readonly retries?: number | undefined;
}

/** @throws `INVALID_ARGUMENT` for an address that is malformed or holds a password; as `download` */
export async function locateUrl(address: string, options: RemoteOptions): Promise<Located> {
  const url = parseUrl(address);
  const offline = offlineReason(options.offline);
  const reader = await addressReader({ cacheDir: options.cacheDir, offline });
  const file = await reader.fetch(url, await transferOptions(url, options));
  if (!isHere(file)) {
    const problem = file === 'absent' ? 'the server has no such file (HTTP 404)' : notKept(offline);
    throw new PatchslimError('NOT_FOUND', `fromPretrained: ${shown(url)}: ${problem}`, { url: shown(url) });
  }
  const weights = await openWeights(file);
  return { name: shown(url), weights, remarks: reader.remarks() };
}

/** An address that ends with `/`. @throws as `locateUrl` */
export async function locateFolderUrl(address: string, options: RemoteOptions): Promise<Located> {
  const root = parseUrl(address);
  const offline = offlineReason(options.offline);
  const folder = await addressFolder(shown(root), root, { cacheDir: options.cacheDir, offline });
  return readFolder(folder, await transferOptions(root, options));
}

/** @throws as `download`, and as the hub refuses (`hubRefusal`) */
export async function locateHub(source: HubSource, options: RemoteOptions): Promise<Located> {
  const { id, file } = source;
  const place = {
    endpoint: endpointOf(options),
    id,
    revision: source.revision ?? options.revision ?? 'main',
  };
  requireRevision(place.revision);
  parseUrl(place.endpoint, 'address of the hub (HF_ENDPOINT)');
  const token = await hubToken(options.token);
  const transfer = { ...options, token, explain: (answer: Response) => hubRefusal(place, answer, token) };
  const prefix = source.folder === undefined ? '' : `${source.folder}/`;
  const folder = await openHub(place, `${prefix}${configFile}`, transfer);
  return readFolder(folder, transfer, { prefix, file });
}

/** In Node from the hub's cache. A page, and a server that tells no commits, have files by their addresses. */
async function openHub(
  place: HubPlace,
  firstFile: string,
  options: RemoteOptions & DownloadOptions,
): Promise<RemoteFolder> {
  const offline = offlineReason(options.offline);
  if (isNode()) {
    const cacheDir = options.cacheDir ?? (await hubCacheDir());
    const repository = await openRepository(place, firstFile, { ...options, cacheDir, offline });
    if (repository) return repository;
  }
  const { cacheDir } = options;
  const reader = await addressReader({ cacheDir, offline });
  const fixed = isCommit(place.revision) ? place.revision : undefined;
  const commit = fixed ?? (isNode() ? undefined : await hubCommit(place, reader, options));
  const root = resolveRoot(commit === undefined ? place : { ...place, revision: commit });
  const immutable = commit !== undefined;
  const name = `${place.id}@${place.revision}`;
  const folder = await addressFolder(name, root, { cacheDir, offline: reader.offline(), immutable });
  return {
    ...folder,
    list: () => listHub(place, options),
    remarks: () => [...reader.remarks(), ...folder.remarks()],
  };
}

/** A path from the user becomes one in the cache. */
function requireRevision(revision: string): void {
  if (/^[^\s\\:?*<>|"]+$/.test(revision) && !revision.split('/').some((part) => /^\.*$/.test(part))) return;
  const message = `fromPretrained: revision: expected the name of a branch or tag, or a commit, got '${revision}'`;
  throw new PatchslimError('INVALID_ARGUMENT', message, { revision });
}

/** The token is for the hub alone. */
async function transferOptions(url: URL, options: RemoteOptions): Promise<DownloadOptions> {
  const isHub = url.origin === parseUrl(endpointOf(options)).origin;
  return { ...options, token: isHub ? await hubToken(options.token) : undefined };
}

/** Where in a folder the checkpoint lies, and its file of weights if the user named one. */
interface Inside {
  readonly prefix: string;
  readonly file: string | undefined;
}

/** The files of a checkpoint in a folder of the network. */
async function readFolder(
  folder: RemoteFolder,
  options: DownloadOptions,
  { prefix, file }: Inside = { prefix: '', file: undefined },
): Promise<Located> {
  const json = (name: string) => fetchJson(folder, `${prefix}${name}`, options);
  const config = await json(configFile);
  const preprocessor = await json(preprocessorFile);
  for (const name of file === undefined ? weightsFiles : [file]) {
    const weights = await fetchWeights(folder, prefix, name, options);
    if (!weights) continue;
    await folder.complete();
    return { name: folder.name, config, preprocessor, weights, remarks: folder.remarks() };
  }
  throw noWeights(folder, file ?? weightsFiles.join(', '), await folder.list());
}

/** Weights in one file or split over several; undefined where they are not there. */
async function fetchWeights(
  folder: RemoteFolder,
  prefix: string,
  name: string,
  options: DownloadOptions,
): Promise<Located['weights'] | undefined> {
  const fetch = (file: string): Promise<Found> => folder.fetch(`${prefix}${file}`, options);
  if (!name.endsWith('.index.json')) {
    const found = await fetch(name);
    return isHere(found) ? openWeights(found) : undefined;
  }
  const found = await folder.fetch(`${prefix}${name}`, asJson(options));
  if (!isHere(found)) return undefined;
  const index = readWeightIndex((await readJson(found))!);
  return openParts(index, async (part) => {
    const file = await fetch(part);
    if (isHere(file)) return openWeights(file);
    const problem = file === 'absent' ? `has no file '${part}'` : notKept(folder.offline());
    throw new PatchslimError('NOT_FOUND', `fromPretrained: ${folder.name}: ${problem}`, { file: part });
  });
}

async function openWeights(file: Downloaded): Promise<ByteSource> {
  const source = await file.open();
  try {
    await keepWhenValid(file, () => openContainer(source));
  } catch (error) {
    await source.close();
    throw error;
  }
  return source;
}

/** A small file that a repository may lack: settings that are there are never left out without a word. */
async function fetchJson(
  folder: RemoteFolder,
  name: string,
  options: DownloadOptions,
): Promise<JsonFile | undefined> {
  const found = await folder.fetch(name, asJson(options));
  if (isHere(found)) return readJson(found);
  if (found === 'absent') return undefined;
  const problem = `it is not known whether ${folder.name} has '${name}', which may change what the model computes, and ${folder.offline()}`;
  const hint = 'ask again with a network, or give the path of a folder with the files that you have';
  throw new PatchslimError('NOT_FOUND', `fromPretrained: ${problem}: ${hint}`, { file: name });
}

async function readJson(file: Downloaded): Promise<JsonFile | undefined> {
  const json = await file.json();
  if (json) await keepWhenValid(file, () => parseJsonObject(json));
  return json;
}

/** Progress counts the weights only, so that it never falls. */
const asJson = (options: DownloadOptions): DownloadOptions => ({
  ...options,
  accept: 'application/json',
  onProgress: undefined,
});

const notKept = (reason: string | undefined): string => `was not downloaded before, and ${reason}`;

/** Messages leave the address out as long as it may hold a password. */
function parseUrl(address: string, what = 'address'): URL {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url && url.username === '' && url.password === '') return url;
  const problem = url ? 'holds a user or password; use the token option' : 'is malformed';
  throw new PatchslimError('INVALID_ARGUMENT', `fromPretrained: the ${what} ${problem}`);
}
