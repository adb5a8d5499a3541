/** The error for a folder of the network without weights that can be read. */

import { PatchslimError } from '@patchslim/tensor';
import type { RemoteFolder } from './remote-files.js';

/** Other frameworks' weights, by how their files end, and what to do about them. */
const otherWeights = [
  { ending: /\.msgpack$/, name: 'Flax' },
  { ending: /\.h5$/, name: 'Keras' },
  { ending: /\.onnx$/, name: 'ONNX' },
  { ending: /\.gguf$/, name: 'GGUF' },
  { ending: /\.(tflite|pb|mlmodel)$/, name: 'a deployed graph' },
] as const;
const readable = /\.(safetensors|pth|pt|bin|npz)$/;
const mostNames = 8;

/** @param wanted the names that were looked for @param names of all files, if the server tells them */
export function noWeights(
  folder: RemoteFolder,
  wanted: string,
  names: readonly string[] | undefined,
): PatchslimError {
  const { name } = folder;
  const reason = folder.offline();
  const where = reason === undefined ? '' : ` among the files that were downloaded before (${reason})`;
  const missing = `fromPretrained: ${name} has none of ${wanted}${where}`;
  return new PatchslimError('NOT_FOUND', `${missing}${names ? weightsInstead(names) : ''}`, {
    name,
    files: names?.slice(0, 100),
  });
}

function weightsInstead(names: readonly string[]): string {
  const own = names.filter((file) => readable.test(file));
  if (own.length > 0) {
    return `; it has ${listed(own)}: give the address of one, as …/resolve/main/${own[0]}`;
  }
  const others = otherWeights.filter(({ ending }) => names.some((file) => ending.test(file)));
  const files = names.filter((file) => others.some(({ ending }) => ending.test(file)));
  if (files.length === 0) return '; it has no file of weights at all';
  const kinds = others.map(({ name }) => name).join(', ');
  return `; it has only ${listed(files)} (${kinds}), which cannot be read: convert them to safetensors, with save_pretrained of Python's transformers for example, or take another repository`;
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, mostNames).join(', ');
  return names.length > mostNames ? `${shown} and ${names.length - mostNames} more` : shown;
}
