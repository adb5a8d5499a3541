/** DINOv2 (arXiv 2304.07193), with and without registers (arXiv 2309.16588). */

import { float32 } from '@patchslim/tensor';
import type { VitConfig } from '../config.js';
import { deitPreprocessing } from '../preprocessing.js';
import type { Family, FamilyPreset, NameTable, Tensors } from './family.js';
import { dinoNames } from './hugging-face-names.js';
import { base, large, small, type Size } from './sizes.js';
import { gammaNames } from './timm-names.js';

/** Names of facebookresearch/dinov2: `w12` has the rows of the gate, then those of the other layer. */
const meta: NameTable = {
  ...gammaNames,
  outer: { ...gammaNames.outer, register_tokens: 'reg_token', mask_token: '' },
  inner: {
    ...gammaNames.inner,
    'ls1.gamma': 'ls1.gamma',
    'ls2.gamma': 'ls2.gamma',
    'mlp.w12': 'mlp.fc1',
    'mlp.w3': 'mlp.fc2',
  },
};

/** Positions of patches alone: that of the class token goes into the token. */
function withoutClassPosition(tensors: Tensors): Tensors {
  const [token, positions] = [tensors.get('cls_token'), tensors.get('pos_embed')];
  if (!tensors.has('reg_token') || !token || !positions) return tensors;
  const [, rows = 0, width = 0] = positions.shape;
  if (Number.isInteger(Math.sqrt(rows))) return tensors; // it has none
  const placed = token.data.map((value, i) => value + positions.data[i]!);
  return new Map([
    ...tensors,
    ['cls_token', float32(token.shape, placed)],
    ['pos_embed', float32([1, rows - 1, width], positions.data.subarray(width))],
  ]);
}

const layer = {
  patchSize: 14,
  imageSize: 518,
  layerNormEps: 1e-6,
  layerScale: true,
  headless: true,
} as const;

function preset(name: string, size: Size, hubId: string, switches: Partial<VitConfig> = {}): FamilyPreset {
  return {
    name,
    config: { ...size, ...layer, classes: size.width, ...switches },
    preprocessing: { ...deitPreprocessing(518), resize: { to: 'shortest', size: 518 } },
    hubId,
  };
}

const registers = {
  prefix: ['class', 'register', 'register', 'register', 'register'],
  positions: 'patches',
} as const satisfies Partial<VitConfig>;

export const dinov2: Family = {
  name: 'dinov2',
  title: 'DINOv2',
  modelTypes: ['dinov2', 'dinov2_with_registers'],
  architectures: /^vit_\w+_patch14_(reg4_)?dinov2/,
  tables: [dinoNames('encoder.layer.'), meta],
  recognises: (tensors) =>
    tensors.has('blocks.0.ls1.gamma') &&
    tensors.has('pos_embed') &&
    tensors.has('cls_token') &&
    (tensors.has('reg_token') || !tensors.has('head.weight')),
  assumes: ({ modelType }) => ({ layerNormEps: 1e-6, ...(modelType === undefined ? {} : { heads: 12 }) }),
  adapt: withoutClassPosition,
  preprocessing: (imageSize) => ({
    ...deitPreprocessing(imageSize),
    resize: { to: 'shortest', size: imageSize },
  }),
  presets: [
    preset('dinov2-small', small, 'timm/vit_small_patch14_dinov2.lvd142m'),
    preset('dinov2-base', base, 'timm/vit_base_patch14_dinov2.lvd142m'),
    preset('dinov2-large', large, 'timm/vit_large_patch14_dinov2.lvd142m'),
    preset('dinov2-small-registers', small, 'timm/vit_small_patch14_reg4_dinov2.lvd142m', registers),
    preset('dinov2-base-registers', base, 'timm/vit_base_patch14_reg4_dinov2.lvd142m', registers),
    preset('dinov2-large-registers', large, 'timm/vit_large_patch14_reg4_dinov2.lvd142m', registers),
  ],
};
