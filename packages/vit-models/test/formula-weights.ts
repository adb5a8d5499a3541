/** The small T2T-ViT and LV-ViT networks of tools/golden/t2t_lvvit.py, their weights and images, and what they give. */

import { readFileSync } from 'node:fs';
import { float32, sizeOf, type HostTensor, type Shape } from '@patchslim/tensor';
import type { VitConfig } from '../src/config.js';
import { canonicalShapes } from '../src/spec.js';
import type { Weights } from './checkpoint-fixtures.js';

const small: Omit<VitConfig, 'depth'> = {
  ...{ name: 'custom', imageSize: 32, patchSize: 16, width: 32, heads: 2, mlpWidth: 96, classes: 7 },
  ...{ layerNormEps: 1e-5, qkvBias: 'none' },
};

/** The stems of the networks. */
export type FormulaStem = 't2t-performer' | 't2t-transformer' | 'conv';

/** By stem. */
export const formulaConfigs: Readonly<Record<FormulaStem, VitConfig>> = {
  't2t-performer': { ...small, depth: 2, stem: 't2t-performer' },
  't2t-transformer': { ...small, depth: 2, stem: 't2t-transformer' },
  conv: { ...small, depth: 3, stem: 'conv', pool: 'class-patches', residualScale: 0.5 },
};

/** What PyTorch gives. */
export interface FormulaResult {
  /** Before the first block, `[2, N, D]`. */
  readonly tokens: readonly number[];
  /** `[2, C]`. */
  readonly logits: readonly number[];
}

export function formulaResult(stem: FormulaStem): FormulaResult {
  const path = new URL('golden/t2t-lvvit.json', import.meta.url);
  return (JSON.parse(readFileSync(path, 'utf8')) as Record<FormulaStem, FormulaResult>)[stem];
}

/** Weights under the names of the original checkpoints: the stem of LV-ViT has its batch normalisation apart. */
export function formulaWeights(config: VitConfig): Weights {
  const shapes = [...canonicalShapes(config)].flatMap(([name, shape]): [string, Shape][] => {
    const [, number] = /^patch_embed\.conv(\d)\.bias$/.exec(name) ?? [];
    if (number === undefined) return [[name, shape]];
    const parts = ['weight', 'bias', 'running_mean', 'running_var'];
    return parts.map((part) => [`patch_embed.bn${number}.${part}`, shape]);
  });
  return new Map(shapes.map(([name, shape]) => [name, formulaTensor(name, shape)]));
}

/** As `tensor` of the script. */
function formulaTensor(name: string, shape: Shape): HostTensor<'float32'> {
  const seed = [...name].reduce((sum, letter, i) => sum + (i + 1) * letter.charCodeAt(0), 0);
  const isScale = /norm[12]?\.weight$|\.running_var$|\.bn\d\.weight$/.test(name);
  const isSmall = /\.bias$|\.running_mean$|cls_token$|pos_embed$/.test(name);
  const value = (unit: number): number => {
    if (isScale) return 1 + 0.4 * unit;
    return isSmall ? unit / 2 : (2 * unit) / Math.sqrt(sizeOf(shape.slice(1)));
  };
  const units = Array.from({ length: sizeOf(shape) }, (_, i) => (((i * 37 + seed) % 101) - 50) / 50);
  return float32(shape, units.map(value));
}

/** As `images` of the script: `[2, 3, S, S]`. */
export function formulaImages({ imageSize }: VitConfig): HostTensor<'float32'> {
  const shape = [2, 3, imageSize, imageSize];
  const pixels = Float32Array.from({ length: sizeOf(shape) }, (_, i) => {
    const [x, y] = [i % imageSize, Math.floor(i / imageSize) % imageSize];
    const [c, b] = [Math.floor(i / imageSize ** 2) % 3, Math.floor(i / (3 * imageSize ** 2))];
    return ((5 * b + 31 * c + 17 * y + 7 * x + ((x * y) % 13)) % 64) / 32 - 1;
  });
  return float32(shape, pixels);
}
