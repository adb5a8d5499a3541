/** DeiT (arXiv 2012.12877), with and without a distillation token, and DeiT-III (arXiv 2204.07118). */

import type { PrefixRole } from '../config.js';
import { deitPreprocessing } from '../preprocessing.js';
import type { Family, FamilyPreset } from './family.js';
import { bertNames } from './hugging-face-names.js';
import { gammaNames } from './timm-names.js';
import { base, large, plain, small, tiny, type Size } from './sizes.js';

const distilled: { readonly prefix: readonly PrefixRole[] } = { prefix: ['class', 'distillation'] };

function preset(
  name: string,
  size: Size,
  imageSize: number,
  weights: string,
  switches: FamilyPreset['config'] | object = {},
): FamilyPreset {
  return {
    name,
    config: { ...plain, ...size, imageSize, ...switches },
    preprocessing: deitPreprocessing(imageSize),
    hubId: `timm/${weights}.fb_in1k`,
  };
}

export const deit: Family = {
  name: 'deit',
  title: 'DeiT',
  modelTypes: ['deit'],
  architectures: /^deit_/,
  tables: bertNames(),
  recognises: (tensors) => tensors.has('dist_token'),
  assumes: ({ origin }) => (origin === 'huggingface' ? { layerNormEps: 1e-12, heads: 12 } : {}),
  presets: [
    preset('deit-tiny', tiny, 224, 'deit_tiny_patch16_224'),
    preset('deit-small', small, 224, 'deit_small_patch16_224'),
    preset('deit-base', base, 224, 'deit_base_patch16_224'),
    preset('deit-base-384', base, 384, 'deit_base_patch16_384'),
    preset('deit-tiny-distilled', tiny, 224, 'deit_tiny_distilled_patch16_224', distilled),
    preset('deit-small-distilled', small, 224, 'deit_small_distilled_patch16_224', distilled),
    preset('deit-base-distilled', base, 224, 'deit_base_distilled_patch16_224', distilled),
    preset('deit-base-distilled-384', base, 384, 'deit_base_distilled_patch16_384', distilled),
  ],
};

const third = { layerScale: true, positions: 'patches' } as const;

export const deit3: Family = {
  name: 'deit3',
  title: 'DeiT-III',
  modelTypes: [],
  architectures: /^deit3_/,
  tables: [gammaNames],
  recognises: (tensors) =>
    tensors.has('blocks.0.ls1.gamma') && tensors.has('head.weight') && !tensors.has('reg_token'),
  assumes: () => ({}),
  presets: [
    preset('deit3-small', small, 224, 'deit3_small_patch16_224', third),
    preset('deit3-base', base, 224, 'deit3_base_patch16_224', third),
    preset('deit3-large', large, 224, 'deit3_large_patch16_224', third),
  ],
};
