/** The original Vision Transformer (arXiv 2010.11929) and its retrainings: AugReg, MAE, MSN, torchvision's. */

import { augregPreprocessing } from '../preprocessing.js';
import type { Family, FamilyPreset, NameTable } from './family.js';
import { bertNames } from './hugging-face-names.js';
import { base, large, plain, small, tiny, type Size } from './sizes.js';

const torchvision: NameTable = {
  origin: 'torchvision',
  outer: {
    class_token: 'cls_token',
    'encoder.pos_embedding': 'pos_embed',
    conv_proj: 'patch_embed.proj',
    'encoder.ln': 'norm',
    'heads.head': 'head',
    heads: 'head', // replaced by one layer in fine-tuning
  },
  block: 'encoder.layers.encoder_layer_',
  inner: {
    ln_1: 'norm1',
    ln_2: 'norm2',
    'self_attention.in_proj_weight': 'attn.qkv.weight',
    'self_attention.in_proj_bias': 'attn.qkv.bias',
    'self_attention.out_proj': 'attn.proj',
    'mlp.0': 'mlp.fc1',
    'mlp.3': 'mlp.fc2',
    'mlp.linear_1': 'mlp.fc1', // before 0.14
    'mlp.linear_2': 'mlp.fc2',
  },
};

function preset(name: string, size: Size, imageSize: number, weights: string): FamilyPreset {
  return {
    name,
    config: { ...plain, ...size, imageSize },
    preprocessing: augregPreprocessing(imageSize, imageSize === 224 ? 0.9 : 1),
    hubId: `timm/${weights}.augreg_in21k_ft_in1k`,
  };
}

export const vit: Family = {
  name: 'vit',
  title: 'ViT (original, AugReg, MAE, MSN)',
  modelTypes: ['vit', 'vit_msn'],
  architectures: /^vit_/,
  tables: [...bertNames(), torchvision],
  assumes: ({ origin, modelType }) => ({
    layerNormEps: origin === 'huggingface' ? 1e-12 : 1e-6,
    ...(modelType === undefined ? {} : { heads: 12 }),
  }),
  presets: [
    preset('vit-tiny', tiny, 224, 'vit_tiny_patch16_224'),
    preset('vit-small', small, 224, 'vit_small_patch16_224'),
    preset('vit-base', base, 224, 'vit_base_patch16_224'),
    preset('vit-large', large, 224, 'vit_large_patch16_224'),
    preset('vit-tiny-384', tiny, 384, 'vit_tiny_patch16_384'),
    preset('vit-small-384', small, 384, 'vit_small_patch16_384'),
    preset('vit-base-384', base, 384, 'vit_base_patch16_384'),
    preset('vit-large-384', large, 384, 'vit_large_patch16_384'),
  ],
};
