/** Checkpoints on the network: an address, or a repository of the Hugging Face hub. */

import { isPatchslimError, PatchslimError, type LongCallOptions } from '@patchslim/tensor';
import { isNode, nodeFs } from '@patchslim/tensor/files';
import { blobSource, fileSource, type ByteSource } from './byte-source.js';
import { cachedDownload, cachePath, defaultCacheDir, exists } from './cache.js';
import { downloadBlob } from './download-blob.js';
import { shown, type DownloadOptions } from './download.js';
import { parseJsonObject, type JsonFile } from './hub-config.js';
import { configFile, preprocessorFile, readJsonFile, weightsFile, type Located } from './located.js';
import { readSafetensorsHeader } from './safetensors-header.js';

/** Where a checkpoint is downloaded from, and where it is kept. */
export interface RemoteOptions extends LongCallOptions {
  /** Folder for downloads (Node only; default `$XDG_CACHE_HOME/patchslim`, else `~/.cache/patchslim`). */
  readonly cacheDir?: string | undefined;
  /** Branch, tag or commit of a hub repository (default `main`). */
  readonly revision?: string | undefined;
  /** Hub (default `HF_ENDPOINT`, else https://huggingface.co). */
  readonly endpoint?: string | undefined;
  /** Hub token (default `HF_TOKEN`); it is sent to the hub only. */
  readonly token?: string | undefined;
  readonly fetch?: typeof globalThis.fetch | undefined;
  /** Attempts of a download after the first (default 4). */
  readonly retries?: number | undefined;
}

/** @throws `INVALID_ARGUMENT` for an address that is malformed or holds a password; as `download` */
export async function locateUrl(address: string, options: RemoteOptions): Promise<Located> {
  const url = parseUrl(address);
  const token = url.origin === parseUrl(endpointOf(options)).origin ? tokenOf(options) : undefined;
  return { name: shown(url), weights: await fetchWeights(url, { ...options, token }, options.cacheDir) };
}

/** @throws as `download` */
export async function locateHub(id: string, options: RemoteOptions): Promise<Located> {
  const { revision = 'main', cacheDir } = options;
  const root = parseUrl(
    `${endpointOf(options).replace(/\/$/, '')}/${id}/resolve/${encodeURIComponent(revision)}/`,
  );
  const transfer = { ...options, token: tokenOf(options) };
  const url = new URL(weightsFile, root);
  // The weights come last: when they are in the cache, so is what lies beside them, and no network is needed.
  const offline = isNode() && (await exists(await cachePath(url, cacheDir ?? (await defaultCacheDir()))));
  const config = await fetchJson(new URL(configFile, root), transfer, cacheDir, offline);
  const preprocessor = await fetchJson(new URL(preprocessorFile, root), transfer, cacheDir, offline);
  return {
    name: `${id}@${revision}`,
    config,
    preprocessor,
    weights: await fetchWeights(url, transfer, cacheDir),
  };
}

async function fetchWeights(
  url: URL,
  options: DownloadOptions,
  cacheDir: string | undefined,
): Promise<ByteSource> {
  if (!isNode()) return blobSource(await downloadBlob(url, options), shown(url));
  const path = await cachedDownload(url, cacheDir ?? (await defaultCacheDir()), options);
  const source = await fileSource(path);
  try {
    await keepWhenValid(path, () => readSafetensorsHeader(source));
  } catch (error) {
    await source.close();
    throw error;
  }
  return source;
}

/** A small file that a repository may lack. */
async function fetchJson(
  url: URL,
  transfer: DownloadOptions,
  cacheDir: string | undefined,
  offline: boolean,
): Promise<JsonFile | undefined> {
  const options = { ...transfer, onProgress: undefined }; // progress counts the weights only, so that it never falls
  try {
    if (!isNode()) return { name: shown(url), text: await (await downloadBlob(url, options)).text() };
    const folder = cacheDir ?? (await defaultCacheDir());
    const path = offline ? await cachePath(url, folder) : await cachedDownload(url, folder, options);
    const file = await readJsonFile(path);
    if (file) await keepWhenValid(path, () => parseJsonObject(file));
    return file;
  } catch (error) {
    if (isPatchslimError(error, 'NOT_FOUND')) return undefined;
    throw error;
  }
}

/**
 * Removes a download from the cache when it is not what it should be, a page of a login portal for example, so that
 * the next attempt does not meet it again.
 */
async function keepWhenValid(path: string, check: () => unknown): Promise<void> {
  try {
    await check();
  } catch (error) {
    if (!isPatchslimError(error, 'CHECKPOINT_INVALID')) throw error;
    await (await nodeFs()).rm(path, { force: true });
    const hint = 'the download was removed from the cache, so that the next attempt fetches it anew';
    throw new PatchslimError(error.code, `${error.message}; ${hint}`, error.details, error.cause);
  }
}

/** Messages leave the address out as long as it may hold a password. */
function parseUrl(address: string): URL {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url && url.username === '' && url.password === '') return url;
  const problem = url ? 'holds a user or password; use the token option' : 'is malformed';
  throw new PatchslimError('INVALID_ARGUMENT', `fromPretrained: the address ${problem}`);
}

function endpointOf({ endpoint }: RemoteOptions): string {
  return endpoint ?? environment('HF_ENDPOINT') ?? 'https://huggingface.co';
}

function tokenOf(options: RemoteOptions): string | undefined {
  const token = (options.token ?? environment('HF_TOKEN'))?.trim();
  // `Headers` would refuse it too, but with the token in its message.
  if (token !== undefined && !/^[\x21-\x7e]+$/.test(token)) {
    throw new PatchslimError(
      'INVALID_ARGUMENT',
      'fromPretrained: the token has characters that no HTTP header may have',
    );
  }
  return token;
}

function environment(name: string): string | undefined {
  return isNode() ? process.env[name] || undefined : undefined;
}
