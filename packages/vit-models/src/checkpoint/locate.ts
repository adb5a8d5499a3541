/** Where a checkpoint comes from: memory, a file, a folder, an address, or a repository of the Hugging Face hub. */

import { nearMatches, PatchslimError } from '@patchslim/tensor';
import { isNode, nodeFs, nodePath } from '@patchslim/tensor/files';
import { vitPresets } from '../presets.js';
import { blobSource, bytesSource, fileSource } from './byte-source.js';
import { exists } from './file-exists.js';
import { readWeightIndex } from './containers/split-weights.js';
import {
  chooseWeights,
  configFile,
  openParts,
  preprocessorFile,
  readJsonFile,
  type Located,
} from './located.js';
import { locateFiles } from './locate-files.js';
import { locateFolderUrl, locateHub, locateUrl, type RemoteOptions } from './locate-remote.js';
import { endpointOf } from './network/environment.js';
import { parseHubSource } from './network/hub-source.js';
import { fileError } from './file-error.js';

/**
 * A path, an address (of a folder when it ends with `/`), a hub id, a preset name; weights in memory; or the files of a folder
 * that a user chose in a browser.
 */
export type CheckpointSource = string | URL | Blob | Uint8Array | readonly File[];

/**
 * Finds, and when needed downloads, the files of a checkpoint. A string is, in this order: an `http(s):` or `file:`
 * address, an existing path, a preset name, a hub id. The caller closes it (`closeLocated`).
 *
 * @throws `NOT_FOUND`, `DOWNLOAD_FAILED`, `IO_FAILED`, `ABORTED`, `INVALID_ARGUMENT`
 */
export async function locate(source: CheckpointSource, options: RemoteOptions): Promise<Located> {
  if (isFolder(source)) return locateFiles(source);
  if (source instanceof Uint8Array) return { name: 'bytes', weights: bytesSource(source) };
  if (source instanceof Blob) {
    const weights = blobSource(source);
    return { name: weights.name, weights };
  }
  const text = String(source);
  const page = /^https?:/i.test(text) ? parseHubSource(text, endpointOf(options)) : undefined;
  if (page) return locateHub(page, options);
  if (/^https?:[^?#]*\/([?#]|$)/i.test(text)) return locateFolderUrl(text, options);
  if (/^https?:/i.test(text)) return locateUrl(text, options);
  if (/^file:/i.test(text)) {
    const { fileURLToPath } = await import(/* webpackIgnore: true */ /* @vite-ignore */ 'node:url');
    return locatePath(fileURLToPath(text));
  }
  if (isNode() && (await exists(text))) return locatePath(text);
  const preset = vitPresets.find((candidate) => candidate.name === text);
  if (preset) {
    const { hubId } = preset;
    const located = hubId.startsWith('https:')
      ? locateUrl(hubId, options)
      : locateHub({ id: hubId }, options);
    return { ...(await located), model: preset.name };
  }
  const hub = parseHubSource(text, endpointOf(options));
  if (hub) return locateHub(hub, options);
  const presetNames = vitPresets.map((candidate) => candidate.name);
  const near = nearMatches(text, presetNames);
  const hint = near.length > 0 ? `; did you mean ${near.join(' or ')}?` : '';
  const message = `fromPretrained: there is no file, folder or model '${text}'${hint}`;
  throw new PatchslimError('NOT_FOUND', message, { source: text });
}

const isFolder = (source: CheckpointSource): source is readonly File[] => Array.isArray(source);

async function locatePath(root: string): Promise<Located> {
  const fs = await nodeFs();
  const stat = await fs.stat(root).catch((error: unknown) => {
    throw fileError('fromPretrained', root, error);
  });
  const path = await nodePath();
  if (!stat.isDirectory()) return { name: root, weights: await openWeightsFile(root) };

  const name = chooseWeights(root, await fs.readdir(root));
  const config = await readJsonFile(path.join(root, configFile));
  const preprocessor = await readJsonFile(path.join(root, preprocessorFile));
  return { name: root, config, preprocessor, weights: await openWeightsFile(path.join(root, name)) };
}

/** A file of weights, or those that an index names. */
async function openWeightsFile(file: string): Promise<Located['weights']> {
  if (!file.endsWith('.index.json')) return fileSource(file);
  const path = await nodePath();
  const json = await readJsonFile(file);
  if (!json)
    throw new PatchslimError('NOT_FOUND', `fromPretrained: there is no file '${file}'`, { path: file });
  return openParts(readWeightIndex(json), (part) => fileSource(path.join(path.dirname(file), part)));
}
