/** The reference values of tools/golden/preprocess.py. */

import { deitPreprocessing, type PerChannel, type Preprocessing } from '@patchslim/vit-models';
import values from './golden/preprocess.json' with { type: 'json' };
import type { Pattern } from './pattern.js';

interface GoldenEntry {
  readonly name: string;
  readonly preprocessing: Preprocessing;
  /** Bytes of the crop [S, S, 3] at flat indices k * 500 modulo its size, k = 0 … 299. */
  readonly levels: readonly number[];
  /** Of the normalised float32 tensor [3, S, S], little endian. */
  readonly sha256: string;
}

interface Golden {
  readonly patterns: readonly (GoldenEntry & { readonly pattern: Pattern })[];
  readonly files: readonly (GoldenEntry & { readonly base64: string })[];
  readonly real: readonly (GoldenEntry & { readonly file: string })[];
}

/** As the file holds it: sides of the resize and of the crop. */
interface Sides {
  readonly resize: number;
  readonly crop: number;
  readonly mean: PerChannel;
  readonly std: PerChannel;
}

const ofSides = ({ resize, crop, mean, std }: Sides): Preprocessing => ({
  ...deitPreprocessing(crop),
  resize: { to: 'shortest', size: resize },
  mean,
  std,
});

export const golden: Golden = JSON.parse(JSON.stringify(values), (key, value: unknown) =>
  key === 'preprocessing' ? ofSides(value as Sides) : value,
) as Golden;

/** The 8-bit levels that a normalised tensor [3, S, S] stands for, at the indices of `GoldenEntry.levels`. */
export function sampledLevels(tensor: Float32Array, { width, height, mean, std }: Preprocessing): number[] {
  const plane = width * height;
  return Array.from({ length: 300 }, (_, k) => {
    const index = (k * 500) % tensor.length;
    const channel = index % 3;
    const value = tensor[channel * plane + Math.floor(index / 3)]!;
    return Math.round((value * std[channel]! + mean[channel]!) * 255);
  });
}

/** Largest and mean distance of two lists. */
export function distance(a: readonly number[], b: readonly number[]): { max: number; mean: number } {
  const distances = a.map((value, i) => Math.abs(value - b[i]!));
  return { max: Math.max(...distances), mean: distances.reduce((sum, d) => sum + d, 0) / distances.length };
}
