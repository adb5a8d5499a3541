/** What the environment says about the hub and its cache: the variables of Hugging Face's own tools (Node). */

import { cacheFolder, cacheHome, isNode, nodeOs, nodePath } from '@patchslim/tensor/files';

/** Undefined where it is empty, and in a browser. */
export const environment = (name: string): string | undefined =>
  isNode() ? process.env[name] || undefined : undefined;

/** Whether a variable says yes. */
export const isSet = (name: string): boolean => /^(1|on|yes|true)$/i.test(environment(name) ?? '');

/** The hub's address, without a slash at its end. */
export function endpointOf({ endpoint }: { readonly endpoint?: string | undefined }): string {
  return (endpoint ?? environment('HF_ENDPOINT') ?? 'https://huggingface.co').replace(/\/+$/, '');
}

/** The reason for which nothing is to be downloaded. */
export function offlineReason(offline: boolean | undefined): string | undefined {
  if (offline !== undefined) return offline ? 'the option offline is set' : undefined;
  const name = ['HF_HUB_OFFLINE', 'TRANSFORMERS_OFFLINE'].find(isSet);
  return name === undefined ? undefined : `${name} is set`;
}

/** `HF_HOME`, else `huggingface` in `XDG_CACHE_HOME`, else `~/.cache/huggingface`. */
export async function huggingFaceHome(): Promise<string> {
  const path = await nodePath();
  const home = environment('HF_HOME');
  return home === undefined ? path.join(await cacheHome(), 'huggingface') : expanded(home);
}

/** The cache of the hub: `HF_HUB_CACHE`, `HUGGINGFACE_HUB_CACHE`, else `hub` in `HF_HOME`. */
export async function hubCacheDir(): Promise<string> {
  const path = await nodePath();
  const folder = environment('HF_HUB_CACHE') ?? environment('HUGGINGFACE_HUB_CACHE');
  return folder === undefined ? path.join(await huggingFaceHome(), 'hub') : expanded(folder);
}

/** Our own cache, of addresses that are no hub's. */
export const addressCacheDir = cacheFolder;

/** A `~` at the start is the home folder: in a file of settings no shell replaces it. */
async function expanded(folder: string): Promise<string> {
  return folder.replace(/^~(?=$|[/\\])/, (await nodeOs()).homedir());
}
