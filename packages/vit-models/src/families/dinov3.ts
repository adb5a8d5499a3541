/** DINOv3 (arXiv 2508.10104): registers, rotary positions, no key bias. */

import { float32 } from '@patchslim/tensor';
import type { VitConfig } from '../config.js';
import { deitPreprocessing } from '../preprocessing.js';
import type { Family, FamilyPreset, NameTable, Tensors } from './family.js';
import { dinoNames } from './hugging-face-names.js';
import { base, large, small, type Size } from './sizes.js';
import { evaNames, gammaNames } from './timm-names.js';

/** Blocks as saved, and as the modules are called. */
const huggingFace = ['layer.', 'model.layer.'].map((block): NameTable => {
  const names = dinoNames(block);
  return {
    ...names,
    outer: { ...names.outer, 'embeddings.patch_embeddings': 'patch_embed.proj' },
  };
});

/** Names of facebookresearch/dinov3. The bias of the keys is stored, and masked. */
const meta: NameTable = {
  ...gammaNames,
  outer: { ...gammaNames.outer, storage_tokens: 'reg_token', mask_token: '', 'rope_embed.periods': '' },
  inner: {
    ...gammaNames.inner,
    'ls1.gamma': 'ls1.gamma',
    'ls2.gamma': 'ls2.gamma',
    'attn.qkv.bias_mask': '',
    'mlp.w1': 'mlp.fc1#0',
    'mlp.w2': 'mlp.fc1#1',
    'mlp.w3': 'mlp.fc2',
  },
};

/** Takes the biases of query and value out of the joined bias. */
function withoutKeyBias(tensors: Tensors): Tensors {
  return new Map(
    [...tensors].flatMap(([name, tensor]) => {
      const [, block] = /^(blocks\.\d+\.attn)\.qkv\.bias$/.exec(name) ?? [];
      if (block === undefined) return [[name, tensor] as const];
      const width = tensor.data.length / 3;
      const part = (index: number) =>
        float32([width], tensor.data.subarray(index * width, (index + 1) * width));
      return [[`${block}.q_bias`, part(0)] as const, [`${block}.v_bias`, part(2)] as const];
    }),
  );
}

const registers = ['class', 'register', 'register', 'register', 'register'] as const;

const switches = {
  ...{
    patchSize: 16,
    imageSize: 256,
    layerNormEps: 1e-5,
    prefix: registers,
    positions: 'none',
    rope: 'half',
  },
  ...{ qkvBias: 'none', layerScale: true, headless: true },
} as const satisfies Partial<VitConfig>;

function preset(name: string, size: Size, weights: string, more: Partial<VitConfig> = {}): FamilyPreset {
  return {
    name,
    config: { ...size, ...switches, classes: size.width, ...more },
    preprocessing: {
      ...deitPreprocessing(256),
      resize: { to: 'exact', height: 256, width: 256 },
      crop: false,
    },
    hubId: `timm/${weights}.lvd1689m`,
  };
}

export const dinov3: Family = {
  name: 'dinov3',
  title: 'DINOv3',
  modelTypes: ['dinov3_vit'],
  architectures: /^vit_\w+_dinov3(_qkvb)?(\.|$)/,
  tables: [...huggingFace, evaNames, meta],
  recognises: (tensors) => tensors.has('reg_token') && !tensors.has('pos_embed'),
  assumes: ({ modelType }) => ({
    ...{ layerNormEps: 1e-5, rope: 'half', pool: 'class', qkvBias: 'none' },
    ...(modelType === undefined ? {} : { heads: 6 }),
  }),
  adapt: (tensors, { origin }) => (origin === 'meta' ? withoutKeyBias(tensors) : tensors),
  preprocessing: (imageSize) => ({
    ...deitPreprocessing(imageSize),
    ...{ resize: { to: 'exact', height: imageSize, width: imageSize }, crop: false },
  }),
  presets: [
    preset('dinov3-small', small, 'vit_small_patch16_dinov3'),
    preset('dinov3-small-plus', small, 'vit_small_plus_patch16_dinov3', { mlp: 'gated' }),
    preset('dinov3-base', base, 'vit_base_patch16_dinov3'),
    preset('dinov3-large', large, 'vit_large_patch16_dinov3'),
  ],
};
