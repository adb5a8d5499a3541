/**
 * LV-ViT (arXiv 2104.10858): a convolutional stem, branches that are halved, and a second head whose largest logit over all
 * patches is added, halved, to that of the class token.
 */

import { float32 } from '@patchslim/tensor';
import { deitPreprocessing } from '../preprocessing.js';
import { convolutions } from '../stems/conv.js';
import type { Family, FamilyPreset, NameTable, Tensors } from './family.js';
import type { Size } from './sizes.js';
import { gammaNames } from './timm-names.js';

/** Names of zihangJiang/TokenLabeling: those of timm, and batch normalisation in the stem. */
const tokenLabeling: NameTable = {
  ...gammaNames,
  origin: 'tokenlabeling',
  outer: {
    ...gammaNames.outer,
    aux_head: 'aux_head',
    ...Object.fromEntries(
      convolutions.flatMap(({ name }): [string, string][] => {
        const [convolution, norm] = [`patch_embed.${name}`, `patch_embed.${normOf(name)}`];
        const normalisation = [norm, `${norm}.running_mean`, `${norm}.running_var`];
        return [
          [convolution, convolution],
          ...normalisation.map((tensor): [string, string] => [tensor, `~${tensor}`]),
          [`${norm}.num_batches_tracked`, ''],
        ];
      }),
    ),
  },
};

function normOf(convolution: string): string {
  return convolution.replace('conv', 'bn');
}

const batchNormEps = 1e-5;

/**
 * Puts the batch normalisation of the stem into the convolutions before it, in float64:
 * `γ (W x − μ) / √(σ² + ε) + β = (s W) x + (β − s μ)` with `s = γ / √(σ² + ε)`.
 */
function withoutBatchNorm(tensors: Tensors): Tensors {
  const folded = new Map(tensors);
  for (const { name } of convolutions) {
    const [convolution, norm] = [`patch_embed.${name}`, `patch_embed.${normOf(name)}`];
    const kernel = tensors.get(`${convolution}.weight`);
    const parts = ['weight', 'bias', 'running_mean', 'running_var'].map((part) =>
      tensors.get(`${norm}.${part}`),
    );
    // Whatever is missing or has another shape is told when the shapes are checked.
    if (!kernel || parts.some((part) => part?.shape.join() !== `${kernel.shape[0]}`)) continue;
    const [gamma, beta, mean, variance] = parts.map((part) => part!.data);
    const scales = Float64Array.from(gamma!, (value, i) => value / Math.sqrt(variance![i]! + batchNormEps));
    const perOutput = kernel.data.length / scales.length;
    const scaled = kernel.data.map((value, i) => value * scales[Math.floor(i / perOutput)]!);
    const bias = Float32Array.from(scales, (scale, i) => beta![i]! - scale * mean![i]!);
    folded.set(`${convolution}.weight`, float32(kernel.shape, scaled));
    folded.set(`${convolution}.bias`, float32([scales.length], bias));
    for (const part of ['weight', 'bias', 'running_mean', 'running_var']) folded.delete(`${norm}.${part}`);
  }
  return folded;
}

const sizes = {
  tiny: { width: 240, depth: 12, heads: 4, mlpWidth: 720 },
  small: { width: 384, depth: 16, heads: 6, mlpWidth: 1152 },
  medium: { width: 512, depth: 20, heads: 8, mlpWidth: 1536 },
} as const satisfies Record<string, Size>;

/** Only the smallest has whole branches. */
const residualScale = (width: number | undefined): number => (width === sizes.tiny.width ? 1 : 1 / 2);

function preset(name: keyof typeof sizes, cropFraction: number, file: string): FamilyPreset {
  const size = sizes[name];
  const scale = residualScale(size.width);
  return {
    name: `lv-vit-${name}`,
    config: {
      ...{ ...size, imageSize: 224, patchSize: 16, classes: 1000, layerNormEps: 1e-5 },
      ...{ stem: 'conv', qkvBias: 'none', pool: 'class-patches' },
      ...(scale === 1 ? {} : { residualScale: scale }),
    },
    preprocessing: {
      ...deitPreprocessing(224),
      resize: { to: 'shortest', size: Math.floor(224 / cropFraction) },
    },
    hubId: `https://github.com/zihangJiang/TokenLabeling/releases/download/${file}`,
  };
}

export const lvVit: Family = {
  name: 'lv-vit',
  title: 'LV-ViT',
  modelTypes: [],
  architectures: /^lvvit_/,
  tables: [tokenLabeling],
  recognises: (tensors) => tensors.has('patch_embed.conv1.weight'),
  assumes: ({ width }) => ({ layerNormEps: 1e-5, qkvBias: 'none', residualScale: residualScale(width) }),
  adapt: withoutBatchNorm,
  presets: [
    preset('tiny', 0.9, 'v0.2.0/lvvit_t.pth'),
    preset('small', 0.9, '1.0/lvvit_s-26M-224-83.3.pth.tar'),
    preset('medium', 1, '1.0/lvvit_m-56M-224-84.0.pth.tar'),
  ],
};
