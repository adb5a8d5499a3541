/** Names that the vision transformers of Hugging Face transformers share. */

import type { NameTable } from './family.js';

const embeddings = {
  'embeddings.cls_token': 'cls_token',
  'embeddings.distillation_token': 'dist_token',
  'embeddings.position_embeddings': 'pos_embed',
  'embeddings.patch_embeddings.projection': 'patch_embed.proj',
  'embeddings.mask_token': '',
};

const inner = {
  layernorm_before: 'norm1',
  layernorm_after: 'norm2',
  'attention.attention.query': 'attn.qkv#0',
  'attention.attention.key': 'attn.qkv#1',
  'attention.attention.value': 'attn.qkv#2',
  'attention.output.dense': 'attn.proj',
  'attention.q_proj': 'attn.qkv#0',
  'attention.k_proj': 'attn.qkv#1',
  'attention.v_proj': 'attn.qkv#2',
  'attention.o_proj': 'attn.proj',
  'intermediate.dense': 'mlp.fc1',
  'output.dense': 'mlp.fc2',
  'mlp.fc1': 'mlp.fc1',
  'mlp.fc2': 'mlp.fc2',
};

/** ViT, DeiT and BEiT: as transformers 4 saves them, and as 5 names them inside. */
export const bertNames = (more: Partial<Pick<NameTable, 'outer' | 'inner'>> = {}): NameTable[] =>
  ['encoder.layer.', 'layers.'].map((block) => ({
    origin: 'huggingface',
    outer: {
      ...embeddings,
      layernorm: 'norm',
      'pooler.layernorm': 'fc_norm',
      classifier: 'head',
      cls_classifier: 'head', // DeiT with a teacher
      distillation_classifier: 'head_dist',
      ...more.outer,
    },
    block,
    inner: { ...inner, ...more.inner },
  }));

/** DINOv2: `norm1` in place of `layernorm_before`, LayerScale, SwiGLU. */
export const dinoNames = (block: string): NameTable => ({
  origin: 'huggingface',
  outer: {
    ...embeddings,
    'embeddings.register_tokens': 'reg_token',
    layernorm: 'norm',
    norm: 'norm',
    classifier: 'head',
  },
  block,
  inner: {
    ...inner,
    norm1: 'norm1',
    norm2: 'norm2',
    'layer_scale1.lambda1': 'ls1.gamma',
    'layer_scale2.lambda1': 'ls2.gamma',
    'mlp.weights_in': 'mlp.fc1',
    'mlp.weights_out': 'mlp.fc2',
    'mlp.gate_proj': 'mlp.fc1#0',
    'mlp.up_proj': 'mlp.fc1#1',
    'mlp.down_proj': 'mlp.fc2',
  },
});

/** The vision towers of CLIP and SigLIP. */
export const towerNames = (outer: NameTable['outer']): NameTable => ({
  origin: 'huggingface',
  outer: {
    'embeddings.patch_embedding': 'patch_embed.proj',
    'embeddings.position_embedding.weight': 'pos_embed',
    'embeddings.position_ids': '',
    post_layernorm: 'norm',
    ...outer,
  },
  block: 'encoder.layers.',
  inner: {
    layer_norm1: 'norm1',
    layer_norm2: 'norm2',
    'self_attn.q_proj': 'attn.qkv#0',
    'self_attn.k_proj': 'attn.qkv#1',
    'self_attn.v_proj': 'attn.qkv#2',
    'self_attn.out_proj': 'attn.proj',
    'mlp.fc1': 'mlp.fc1',
    'mlp.fc2': 'mlp.fc2',
  },
});
