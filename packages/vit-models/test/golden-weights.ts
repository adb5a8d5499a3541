/** The weight files that tools/golden/weight_files.py made, and the weights in them. */

import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { float32, sizeOf } from '@patchslim/tensor';
import { canonicalShapes } from '../src/spec.js';
import type { VitConfig } from '../src/config.js';
import type { Weights } from './checkpoint-fixtures.js';

export interface GoldenFile {
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Part of the error, for files that are refused. */
  readonly refused?: string;
  /** Part of the remark. */
  readonly remark?: string;
  readonly ignored?: readonly string[];
  /** Whether the file tells heads and eps itself. */
  readonly npz?: boolean;
}

export const goldenConfig: VitConfig = {
  name: 'custom',
  imageSize: 4,
  patchSize: 2,
  width: 8,
  depth: 1,
  heads: 2,
  mlpWidth: 12,
  classes: 3,
  layerNormEps: 1e-6,
};

export function goldenFiles(): GoldenFile[] {
  const path = new URL('golden/weight-files.json', import.meta.url);
  const { files } = JSON.parse(readFileSync(path, 'utf8')) as { files: (GoldenFile & { gzip: string })[] };
  return files.map(({ gzip, ...file }) => ({
    ...file,
    bytes: new Uint8Array(gunzipSync(Buffer.from(gzip, 'base64'))),
  }));
}

/** As `values` of the script. */
export function goldenWeights(): Weights {
  return new Map(
    [...canonicalShapes(goldenConfig)].map(([name, shape]) => {
      const seed = [...name].reduce((sum, letter, i) => sum + (i + 1) * letter.charCodeAt(0), 0);
      const data = Float32Array.from({ length: sizeOf(shape) }, (_, i) => (((i * 37 + seed) % 101) - 50) / 8);
      return [name, float32(shape, data)];
    }),
  );
}
