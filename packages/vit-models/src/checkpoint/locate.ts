/** Where a checkpoint comes from: memory, a file, a folder, an address, or a repository of the Hugging Face hub. */

import { nearMatches, PatchslimError } from '@patchslim/tensor';
import { isNode, nodeFs, nodePath } from '@patchslim/tensor/files';
import { vitPresets } from '../configs.js';
import { blobSource, bytesSource, fileSource } from './byte-source.js';
import { exists } from './cache.js';
import { configFile, preprocessorFile, readJsonFile, weightsFile, type Located } from './located.js';
import { locateHub, locateUrl, type RemoteOptions } from './locate-remote.js';
import { fileError } from './file-error.js';

/**
 * Finds, and when needed downloads, the files of a checkpoint. A string is, in this order: an `http(s):` or `file:`
 * address, an existing path, a preset name, a hub id. The caller closes `weights`.
 *
 * @throws `NOT_FOUND`, `DOWNLOAD_FAILED`, `IO_FAILED`, `ABORTED`, `INVALID_ARGUMENT`
 */
export async function locate(
  source: string | URL | Blob | Uint8Array,
  options: RemoteOptions,
): Promise<Located> {
  if (source instanceof Uint8Array) return { name: 'bytes', weights: bytesSource(source) };
  if (source instanceof Blob) {
    const weights = blobSource(source);
    return { name: weights.name, weights };
  }
  const text = String(source);
  if (/^https?:/i.test(text)) return locateUrl(text, options);
  if (/^file:/i.test(text)) {
    const { fileURLToPath } = await import(/* webpackIgnore: true */ /* @vite-ignore */ 'node:url');
    return locatePath(fileURLToPath(text));
  }
  if (isNode() && (await exists(text))) return locatePath(text);
  const preset = vitPresets.find((candidate) => candidate.name === text);
  if (preset) return { ...(await locateHub(preset.hubId, options)), model: preset.name };
  const isHubId = /^[\w-][\w.-]*\/[\w-][\w.-]*$/.test(text) && !text.endsWith('.safetensors');
  if (isHubId) return locateHub(text, options);
  const presetNames = vitPresets.map((candidate) => candidate.name);
  const near = nearMatches(text, presetNames);
  const hint = near.length > 0 ? `; did you mean ${near.join(' or ')}?` : '';
  const message = `fromPretrained: there is no file, folder or model '${text}'${hint}`;
  throw new PatchslimError('NOT_FOUND', message, { source: text });
}

async function locatePath(root: string): Promise<Located> {
  const fs = await nodeFs();
  const stat = await fs.stat(root).catch((error: unknown) => {
    throw fileError('fromPretrained', root, error);
  });
  if (!stat.isDirectory()) return { name: root, weights: await fileSource(root) };

  const path = await nodePath();
  const candidates = (await fs.readdir(root)).filter((name) => name.endsWith('.safetensors'));
  const name = candidates.includes(weightsFile) ? weightsFile : candidates[0];
  if (name === undefined) {
    throw new PatchslimError('NOT_FOUND', `fromPretrained: folder '${root}' has no .safetensors file`, {
      path: root,
    });
  }
  if (name !== weightsFile && candidates.length > 1) {
    const message = `fromPretrained: folder '${root}' has several .safetensors files; give the path of one`;
    throw new PatchslimError('INVALID_ARGUMENT', message, { path: root, candidates });
  }
  const config = await readJsonFile(path.join(root, configFile));
  const preprocessor = await readJsonFile(path.join(root, preprocessorFile));
  return { name: root, config, preprocessor, weights: await fileSource(path.join(root, name)) };
}
