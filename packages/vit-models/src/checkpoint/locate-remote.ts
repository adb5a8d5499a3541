/** Checkpoints on the network: an address, or a repository of the Hugging Face hub. */

import { isPatchslimError, PatchslimError, type LongCallOptions } from '@patchslim/tensor';
import { isNode } from '@patchslim/tensor/files';
import type { ByteSource } from './byte-source.js';
import { shown, type DownloadOptions } from './download.js';
import type { Downloads } from './downloaded.js';
import { keepWhenValid, openDownloads } from './downloads.js';
import { parseJsonObject, type JsonFile } from './hub-config.js';
import { openContainer } from './containers/open-container.js';
import { readWeightIndex } from './containers/split-weights.js';
import { configFile, openParts, preprocessorFile, weightsFiles, type Located } from './located.js';
import { hubToken } from './hub-token.js';

/** Where a checkpoint is downloaded from, and where it is kept. */
export interface RemoteOptions extends LongCallOptions {
  /**
   * Folder for downloads (Node only; default `$XDG_CACHE_HOME/patchslim`, else `~/.cache/patchslim`). A browser keeps them in
   * its Cache API, under the name `patchslim`.
   */
  readonly cacheDir?: string | undefined;
  /** Branch, tag or commit of a hub repository (default `main`). */
  readonly revision?: string | undefined;
  /** Hub (default `HF_ENDPOINT`, else https://huggingface.co). */
  readonly endpoint?: string | undefined;
  /** Hub token (default `HF_TOKEN`, else the one that `hf auth login` saved); it is sent to the hub only. */
  readonly token?: string | undefined;
  readonly fetch?: typeof globalThis.fetch | undefined;
  /** Attempts of a download after the first (default 4). */
  readonly retries?: number | undefined;
}

/** @throws `INVALID_ARGUMENT` for an address that is malformed or holds a password; as `download` */
export async function locateUrl(address: string, options: RemoteOptions): Promise<Located> {
  const url = parseUrl(address);
  const downloads = await openDownloads(options.cacheDir);
  return {
    name: shown(url),
    weights: await fetchWeights(downloads, url, await transferOptions(url, options)),
  };
}

/** An address that ends with `/`. @throws as `locateUrl` */
export async function locateFolderUrl(address: string, options: RemoteOptions): Promise<Located> {
  const root = parseUrl(address);
  return {
    name: shown(root),
    ...(await fetchFolder(root, await transferOptions(root, options), options.cacheDir)),
  };
}

/** @throws as `download` */
export async function locateHub(id: string, options: RemoteOptions): Promise<Located> {
  const { revision = 'main', cacheDir } = options;
  const root = parseUrl(
    `${endpointOf(options).replace(/\/$/, '')}/${id}/resolve/${encodeURIComponent(revision)}/`,
  );
  const transfer = { ...options, token: await hubToken(options.token) };
  return { name: `${id}@${revision}`, ...(await fetchFolder(root, transfer, cacheDir)) };
}

/** The token is for the hub alone. */
async function transferOptions(url: URL, options: RemoteOptions): Promise<DownloadOptions> {
  const isHub = url.origin === parseUrl(endpointOf(options)).origin;
  return { ...options, token: isHub ? await hubToken(options.token) : undefined };
}

/** The files of a checkpoint that lie below an address. */
async function fetchFolder(
  root: URL,
  transfer: DownloadOptions,
  cacheDir: string | undefined,
): Promise<Omit<Located, 'name'>> {
  const downloads = await openDownloads(cacheDir);
  const kept = await keptWeights(downloads, root);
  // The weights come last: when they are in the cache, so is what lies beside them, and no network is needed.
  const offline = kept !== undefined;
  const json = (name: string) => fetchJson(downloads, fileBelow(root, name), transfer, offline);
  const config = await json(configFile);
  const preprocessor = await json(preprocessorFile);
  const fetchNamed = (name: string) => fetchWeights(downloads, fileBelow(root, name), transfer);
  for (const name of kept === undefined ? weightsFiles : [kept]) {
    try {
      if (!name.endsWith('.index.json')) {
        return { config, preprocessor, weights: await fetchNamed(name) };
      }
      const index = await json(name);
      if (!index) continue;
      return { config, preprocessor, weights: await openParts(readWeightIndex(index), fetchNamed) };
    } catch (error) {
      if (name.endsWith('.index.json') || !isPatchslimError(error, 'NOT_FOUND')) throw error;
    }
  }
  const problem = `fromPretrained: ${shown(root)} has none of ${weightsFiles.join(', ')}`;
  throw new PatchslimError('NOT_FOUND', problem, { url: shown(root) });
}

/** The weights that were downloaded before, all of them. */
async function keptWeights(downloads: Downloads, root: URL): Promise<string | undefined> {
  for (const name of weightsFiles) {
    const file = await downloads.kept(fileBelow(root, name));
    if (!file) continue;
    if (!name.endsWith('.index.json')) return name;
    const json = await file.json();
    const files = json ? readWeightIndex(json).files : [];
    const parts = await Promise.all(files.map((part) => downloads.kept(fileBelow(root, part))));
    if (parts.every((part) => part !== undefined)) return name;
  }
  return undefined;
}

/** A query, such as a signature, goes with every file. */
function fileBelow(root: URL, name: string): URL {
  const url = new URL(name, root);
  url.search = root.search;
  return url;
}

async function fetchWeights(downloads: Downloads, url: URL, options: DownloadOptions): Promise<ByteSource> {
  const file = await downloads.fetch(url, options);
  const source = await file.open();
  try {
    await keepWhenValid(file, () => openContainer(source));
  } catch (error) {
    await source.close();
    throw error;
  }
  return source;
}

/** A small file that a repository may lack. */
async function fetchJson(
  downloads: Downloads,
  url: URL,
  transfer: DownloadOptions,
  offline: boolean,
): Promise<JsonFile | undefined> {
  // Progress counts the weights only, so that it never falls.
  const options = { ...transfer, accept: 'application/json', onProgress: undefined };
  try {
    const file = offline ? await downloads.kept(url) : await downloads.fetch(url, options);
    const json = await file?.json();
    if (file && json) await keepWhenValid(file, () => parseJsonObject(json));
    return json;
  } catch (error) {
    if (isPatchslimError(error, 'NOT_FOUND')) return undefined;
    throw error;
  }
}

/** Messages leave the address out as long as it may hold a password. */
function parseUrl(address: string): URL {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url && url.username === '' && url.password === '') return url;
  const problem = url ? 'holds a user or password; use the token option' : 'is malformed';
  throw new PatchslimError('INVALID_ARGUMENT', `fromPretrained: the address ${problem}`);
}

/** The hub's address. */
export function endpointOf({ endpoint }: RemoteOptions): string {
  return endpoint ?? environment('HF_ENDPOINT') ?? 'https://huggingface.co';
}

function environment(name: string): string | undefined {
  return isNode() ? process.env[name] || undefined : undefined;
}
