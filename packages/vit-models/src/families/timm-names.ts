/** Names close to timm's canonical ones: those of the original repositories, and of timm's `Eva` and `Beit` classes. */

import type { NameTable } from './family.js';

/** Names of facebookresearch/deit: those of timm, but for LayerScale. */
export const gammaNames: NameTable = {
  origin: 'meta',
  outer: {
    cls_token: 'cls_token',
    pos_embed: 'pos_embed',
    'patch_embed.proj': 'patch_embed.proj',
    norm: 'norm',
    head: 'head',
  },
  block: 'blocks.',
  inner: {
    norm1: 'norm1',
    norm2: 'norm2',
    gamma_1: 'ls1.gamma',
    gamma_2: 'ls2.gamma',
    'attn.qkv': 'attn.qkv',
    'attn.proj': 'attn.proj',
    'mlp.fc1': 'mlp.fc1',
    'mlp.fc2': 'mlp.fc2',
  },
};

/** timm's `Eva` and `Beit`: LayerScale as `gamma`, biases of query and value apart, and in some sizes the projections too. */
export const evaNames: NameTable = {
  origin: 'timm',
  outer: {
    ...gammaNames.outer,
    ...{ fc_norm: 'fc_norm', reg_token: 'reg_token', mask_token: '', 'rope.periods': '' },
    'rel_pos_bias.relative_position_bias_table': '~rel_pos_bias.relative_position_bias_table',
  },
  block: 'blocks.',
  inner: {
    ...gammaNames.inner,
    ...{
      'attn.q_bias': 'attn.q_bias',
      'attn.v_bias': 'attn.v_bias',
      'attn.k_bias': '',
      'attn.k_proj.bias': '',
    },
    ...{ 'attn.q_proj.weight': 'attn.qkv.weight#0', 'attn.k_proj.weight': 'attn.qkv.weight#1' },
    ...{ 'attn.v_proj.weight': 'attn.qkv.weight#2', 'attn.q_proj.bias': 'attn.q_bias' },
    ...{ 'attn.v_proj.bias': 'attn.v_bias', 'attn.norm': 'attn.norm', 'attn.inner_attn_ln': 'attn.norm' },
    'attn.relative_position_bias_table': 'attn.relative_position_bias_table',
    'attn.relative_position_index': '',
    ...{ 'mlp.fc1_g': 'mlp.fc1#0', 'mlp.fc1_x': 'mlp.fc1#1', 'mlp.w1': 'mlp.fc1#0', 'mlp.w2': 'mlp.fc1#1' },
    ...{ 'mlp.norm': 'mlp.norm', 'mlp.ffn_ln': 'mlp.norm', 'mlp.w3': 'mlp.fc2' },
    ...{ 'attn.rope.freqs_cos': '', 'attn.rope.freqs_sin': '' },
  },
};
