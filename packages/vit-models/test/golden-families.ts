/**
 * The golden models that tools/golden/families.py made: checkpoints of timm and transformers, and what the libraries compute from two
 * images. The weights and images follow from their names; a checksum proves that they are those of the script.
 */

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { float32, sizeOf, type HostTensor, type Shape } from '@patchslim/tensor';
import type { JsonFile } from '../src/checkpoint/hub-config.js';
import type { Weights } from './checkpoint-fixtures.js';

/** Seven digits of what the library computes in float64, row-major. */
export interface GoldenOutput {
  readonly shape: Shape;
  readonly data: readonly number[];
}

export interface GoldenOutputs {
  /** `[2, classes]` */
  readonly logits?: GoldenOutput;
  /** `[2, D]`: what a network without a classifier makes of an image. */
  readonly embedding?: GoldenOutput;
  /** `[2, D]`: the layer with tanh that transformers' `ViTModel` puts on the embedding. */
  readonly pooled?: GoldenOutput;
  /** `[2, rows, D]`: rows of the last hidden state, after the final norm if `normed`, else as the last block leaves them. */
  readonly tokens: GoldenOutput & { readonly normed: boolean; readonly rows: readonly number[] };
}

export interface GoldenFamily {
  readonly name: string;
  /** The library, its class, and whose names the tensors have. */
  readonly source: { readonly library: string; readonly class: string; readonly names: string };
  /** Absent under the names of the original repositories, which have no `config.json`. */
  readonly config: JsonFile | undefined;
  readonly preprocessor: JsonFile | undefined;
  /** Facts that a user has to give, as no file tells them; and a size of images that is not that of the weights. */
  readonly untold: { readonly heads?: number; readonly imageSize?: number };
  readonly tensors: Weights;
  /** `[2, 3, S, S]`, normalised. */
  readonly images: HostTensor<'float32'>;
  readonly outputs: GoldenOutputs;
  /** SHA-256, in hex, of the script's tensors and images. */
  readonly checksum: string;
}

interface Stored extends Pick<GoldenFamily, 'source' | 'outputs' | 'checksum'> {
  readonly config?: object;
  readonly preprocessor?: object;
  readonly untold?: GoldenFamily['untold'];
  readonly tensors: readonly (readonly [name: string, shape: number[]])[];
  readonly constants?: Readonly<Record<string, readonly number[]>>;
  readonly image: readonly [name: string, shape: number[]];
}

/** Small models of every family, or models of full size, which take seconds. */
export type GoldenFolder = 'families' | 'full-size';

const locationOf = (folder: GoldenFolder, file = '') => new URL(`golden/${folder}/${file}`, import.meta.url);

/** Names of all golden models in a folder. */
export function goldenFamilyNames(folder: GoldenFolder = 'families'): string[] {
  const files = readdirSync(locationOf(folder)).sort();
  return files.map((file) => file.replace(/\.json$/, ''));
}

/** Reads a golden model and makes its weights and images. */
export function readGoldenFamily(name: string, folder: GoldenFolder = 'families'): GoldenFamily {
  const stored = JSON.parse(readFileSync(locationOf(folder, `${name}.json`), 'utf8')) as Stored;
  const { source, outputs, checksum, config, preprocessor, untold = {}, constants = {} } = stored;
  const tensors = stored.tensors.map(([key, shape]) => {
    const constant = constants[key];
    return [key, constant ? float32(shape, constant) : tensorOf(key, shape)] as const;
  });
  return {
    ...{ name, source, outputs, checksum, untold },
    config: config && { name: 'config.json', text: JSON.stringify(config) },
    preprocessor: preprocessor && { name: 'preprocessor_config.json', text: JSON.stringify(preprocessor) },
    tensors: new Map(tensors),
    images: tensorOf(...stored.image),
  };
}

/** SHA-256, in hex, of the tensors in the order of the file, and of the images. */
export function checksumOf({ tensors, images }: Pick<GoldenFamily, 'tensors' | 'images'>): string {
  const hash = createHash('sha256');
  for (const { data } of [...tensors.values(), images]) {
    hash.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  return hash.digest('hex');
}

/** As `values` of tools/golden/family_weights.py. */
function tensorOf(name: string, shape: Shape): HostTensor<'float32'> {
  const [center, spread] = centerAndSpread(name, shape);
  const seed = hashOf(name);
  return float32(
    shape,
    Float32Array.from({ length: sizeOf(shape) }, (_, i) => center + spread * uniform(seed, i)),
  );
}

/** As `center_and_spread` of the script. */
function centerAndSpread(name: string, shape: Shape): readonly [center: number, spread: number] {
  const small = /(patch|position|positional|class)_embed|pos_embed|conv1|token/.test(name) ? 1 / 64 : 1;
  if (shape.length > 1 && name.endsWith('weight')) {
    return [0, small * 1.25 * Math.sqrt(3 / sizeOf(shape.slice(1)))];
  }
  if (name.endsWith('bias')) return [0, small * 0.25];
  if (name.endsWith('weight')) return [1, 0.5];
  if (/(gamma|lambda)_?[12]?$/.test(name)) return [0.75, 0.25];
  return [0, small];
}

/** FNV-1a, 32 bits. */
function hashOf(name: string): number {
  let value = 2166136261;
  for (const letter of name) value = Math.imul(value ^ letter.charCodeAt(0), 16777619);
  return value;
}

/** A number in [-1, 1), a multiple of 2^-23. */
function uniform(seed: number, index: number): number {
  let x = (seed + Math.imul(index + 1, 0x9e3779b1)) | 0;
  x ^= x >>> 16;
  x = Math.imul(x, 0x21f0aaad);
  x ^= x >>> 15;
  x = Math.imul(x, 0x735a2d97);
  x ^= x >>> 15;
  return (x >>> 8) / 2 ** 23 - 1;
}
