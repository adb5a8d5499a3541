/** The vision tower of CLIP (arXiv 2103.00020). */

import { deitPreprocessing, type PerChannel, type Preprocessing } from '../preprocessing.js';
import type { Family, FamilyPreset, NameTable } from './family.js';
import { towerNames } from './hugging-face-names.js';
import { base, large, type Size } from './sizes.js';

/** OpenAI's statistics, by channel. */
export const clipStatistics = {
  mean: [0.48145466, 0.4578275, 0.40821073] as PerChannel,
  std: [0.26862954, 0.26130258, 0.27577711] as PerChannel,
};

/** Shorter side to the image size, then a crop. */
export const clipPreprocessing = (imageSize: number): Preprocessing => ({
  ...deitPreprocessing(imageSize),
  resize: { to: 'shortest', size: imageSize },
  ...clipStatistics,
});

const openai: NameTable = {
  origin: 'openai',
  outer: {
    class_embedding: 'cls_token',
    positional_embedding: 'pos_embed',
    conv1: 'patch_embed.proj',
    ln_pre: 'norm_pre',
    ln_post: 'norm',
    proj: 'head.weight^T',
  },
  block: 'transformer.resblocks.',
  inner: {
    ln_1: 'norm1',
    ln_2: 'norm2',
    'attn.in_proj_weight': 'attn.qkv.weight',
    'attn.in_proj_bias': 'attn.qkv.bias',
    'attn.out_proj': 'attn.proj',
    'mlp.c_fc': 'mlp.fc1',
    'mlp.c_proj': 'mlp.fc2',
  },
};

const huggingFace = towerNames({
  'embeddings.class_embedding': 'cls_token',
  pre_layrnorm: 'norm_pre', // so it is spelled
  pre_layernorm: 'norm_pre',
  visual_projection: 'head',
  classifier: 'head',
});

function preset(name: string, size: Size, patchSize: number, classes: number, weights: string): FamilyPreset {
  return {
    name,
    config: {
      ...{ ...size, patchSize, imageSize: 224, classes, layerNormEps: 1e-5 },
      ...{ patchBias: false, preNorm: true, activation: 'quick-gelu' as const },
      ...{ headBias: false, projection: true },
    },
    preprocessing: clipPreprocessing(224),
    hubId: `openai/${weights}`,
  };
}

export const clip: Family = {
  name: 'clip',
  title: 'CLIP (vision)',
  modelTypes: ['clip', 'clip_vision_model'],
  architectures: /^vit_\w+_clip(_quickgelu)?_/,
  tables: [huggingFace, openai],
  recognises: (tensors) => tensors.has('norm_pre.weight'),
  assumes: ({ origin, architecture = '' }) => ({
    ...{ layerNormEps: 1e-5, patchBias: false },
    ...(origin === 'timm' ? {} : { headBias: false }),
    ...(origin !== 'timm' || architecture.includes('quickgelu') ? { activation: 'quick-gelu' } : {}),
    ...(origin === 'huggingface' ? { heads: 12 } : {}),
  }),
  // transformers' classifier, whose head has a bias, reads the mean of the patches without the last norm.
  adapt: (tensors, { origin }) =>
    origin === 'huggingface' && tensors.has('head.bias')
      ? new Map([...tensors].filter(([name]) => !name.startsWith('norm.')))
      : tensors,
  // timm writes zeros for the bias that CLIP's projection does not have.
  projects: (tensors) =>
    tensors.has('head.weight') && (tensors.get('head.bias')?.data.every((value) => value === 0) ?? true),
  preprocessing: clipPreprocessing,
  presets: [
    preset('clip-base-32', base, 32, 512, 'clip-vit-base-patch32'),
    preset('clip-base-16', base, 16, 512, 'clip-vit-base-patch16'),
    preset('clip-large-14', large, 14, 768, 'clip-vit-large-patch14'),
  ],
};
