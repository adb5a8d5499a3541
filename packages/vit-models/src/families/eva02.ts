/** EVA-02 (arXiv 2303.11331) and its CLIP towers (arXiv 2303.15389): rotary and learned positions, SwiGLU. */

import type { VitConfig } from '../config.js';
import { clipPreprocessing } from './clip.js';
import type { Family, FamilyPreset, NameTable } from './family.js';
import { small, tiny, type Size } from './sizes.js';

/** timm's names of the larger models, which have query, key and value apart, as the original ones. */
const timm: NameTable = {
  origin: 'timm',
  outer: {
    ...{ cls_token: 'cls_token', pos_embed: 'pos_embed', 'patch_embed.proj': 'patch_embed.proj' },
    ...{ norm: 'norm', fc_norm: 'fc_norm', head: 'head', 'rope.freqs_cos': '', 'rope.freqs_sin': '' },
  },
  block: 'blocks.',
  inner: {
    ...{ norm1: 'norm1', norm2: 'norm2', 'attn.proj': 'attn.proj', 'attn.norm': 'attn.norm' },
    ...{ 'attn.inner_attn_ln': 'attn.norm', 'mlp.ffn_ln': 'mlp.norm' },
    ...{ 'attn.q_proj.weight': 'attn.qkv.weight#0', 'attn.k_proj.weight': 'attn.qkv.weight#1' },
    ...{ 'attn.v_proj.weight': 'attn.qkv.weight#2', 'attn.k_proj.bias': '', 'attn.k_bias': '' },
    ...{ 'attn.q_proj.bias': 'attn.q_bias', 'attn.v_proj.bias': 'attn.v_bias' },
    ...{ 'attn.q_bias': 'attn.q_bias', 'attn.v_bias': 'attn.v_bias', 'attn.qkv': 'attn.qkv' },
    ...{ 'mlp.fc1_g': 'mlp.fc1#0', 'mlp.fc1_x': 'mlp.fc1#1', 'mlp.w1': 'mlp.fc1#0', 'mlp.w2': 'mlp.fc1#1' },
    ...{ 'mlp.norm': 'mlp.norm', 'mlp.fc1': 'mlp.fc1', 'mlp.fc2': 'mlp.fc2', 'mlp.w3': 'mlp.fc2' },
    ...{ 'attn.rope.freqs_cos': '', 'attn.rope.freqs_sin': '' },
  },
};

function preset(name: string, size: Size, mlpWidth: number): FamilyPreset {
  const config: Omit<VitConfig, 'name'> = {
    ...{ ...size, mlpWidth, patchSize: 14, imageSize: 224, classes: size.width, layerNormEps: 1e-6 },
    ...{ rope: 'interleaved', qkvBias: 'query-value', mlp: 'gated', headless: true, pool: 'mean', lastNorm: 'pooled' },
  };
  return {
    name,
    config,
    preprocessing: clipPreprocessing(224),
    hubId: `timm/${name.replace('-', '_')}_patch14_224.mim_in22k`,
  };
}

export const eva02: Family = {
  name: 'eva02',
  title: 'EVA-02',
  modelTypes: [],
  architectures: /^eva02_/,
  tables: [timm],
  recognises: (tensors) =>
    tensors.has('blocks.0.attn.q_bias') && tensors.has('pos_embed') && !tensors.has('blocks.0.ls1.gamma'),
  assumes: ({ architecture = '' }) => ({
    ...{ layerNormEps: 1e-6, rope: 'interleaved' },
    pool: architecture.includes('_clip_') ? 'class' : 'mean',
  }),
  preprocessing: clipPreprocessing,
  presets: [preset('eva02-tiny', tiny, 512), preset('eva02-small', small, 1024)],
};
