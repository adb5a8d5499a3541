/** Where a checkpoint comes from: memory, a file, a folder, an address, or a repository of the Hugging Face hub. */

import { nearMatches, PatchslimError } from '@patchslim/tensor';
import { vitPresets } from '../configs.js';
import { blobSource, bytesSource, fileSource } from './byte-source.js';
import { exists } from './cache.js';
import { configFile, preprocessorFile, readJsonFile, weightsFile, type Located } from './located.js';
import { locateHub, locateUrl, type RemoteOptions } from './locate-remote.js';
import { fileError, isNode, nodeFs, nodePath } from './node-files.js';

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
  if (/^[\w-][\w.-]*\/[\w-][\w.-]*$/.test(text) && !text.endsWith('.safetensors'))
    return locateHub(text, options);
  const presetNames = vitPresets.map((candidate) => candidate.name);
  const near = nearMatches(text, presetNames);
  const hint = near.length > 0 ? `; did you mean ${near.join(' or ')}?` : '';
  throw new PatchslimError(
    'NOT_FOUND',
    `fromPretrained: there is no file, folder or model '${text}'${hint}`,
    {
      source: text,
    },
  );
}

async function locatePath(path: string): Promise<Located> {
  const fs = await nodeFs();
  const stat = await fs.stat(path).catch((error: unknown) => {
    throw fileError('fromPretrained', path, error);
  });
  if (!stat.isDirectory()) return { name: path, weights: await fileSource(path) };

  const { join } = await nodePath();
  const candidates = (await fs.readdir(path)).filter((name) => name.endsWith('.safetensors'));
  const name = candidates.includes(weightsFile) ? weightsFile : candidates[0];
  if (name === undefined) {
    throw new PatchslimError('NOT_FOUND', `fromPretrained: folder '${path}' has no .safetensors file`, {
      path,
    });
  }
  if (name !== weightsFile && candidates.length > 1) {
    const message = `fromPretrained: folder '${path}' has several .safetensors files; give the path of one`;
    throw new PatchslimError('INVALID_ARGUMENT', message, { path, candidates });
  }
  const config = await readJsonFile(join(path, configFile));
  const preprocessor = await readJsonFile(join(path, preprocessorFile));
  return { name: path, config, preprocessor, weights: await fileSource(join(path, name)) };
}
