/** The vision towers of SigLIP (arXiv 2303.15343) and SigLIP 2 (arXiv 2502.14786): no class token, an attention pool. */

import { float32 } from '@patchslim/tensor';
import { augregPreprocessing, type Preprocessing } from '../preprocessing.js';
import type { Family, FamilyPreset, Tensors } from './family.js';
import { towerNames } from './hugging-face-names.js';
import { base, type Size } from './sizes.js';

const huggingFace = towerNames({
  'head.probe': 'attn_pool.latent',
  'head.attention.in_proj_weight': '~attn_pool.in_proj.weight',
  'head.attention.in_proj_bias': '~attn_pool.in_proj.bias',
  'head.attention.out_proj': 'attn_pool.proj',
  'head.layernorm': 'attn_pool.norm',
  'head.mlp.fc1': 'attn_pool.mlp.fc1',
  'head.mlp.fc2': 'attn_pool.mlp.fc2',
  classifier: 'head',
});

const isPool = (name: string): boolean => name.startsWith('attn_pool.');

/** Query, key and value of the pool are one matrix; timm has the query apart. */
function splitProjection(tensors: Tensors): Tensors {
  // A classifier of transformers reads the mean; its file has the pool all the same.
  const used = tensors.has('head.weight') ? [...tensors].filter(([name]) => !isPool(name)) : [...tensors];
  return new Map(
    used.flatMap(([name, tensor]) => {
      const [, kind] = /^attn_pool\.in_proj\.(weight|bias)$/.exec(name) ?? [];
      if (kind === undefined) return [[name, tensor] as const];
      const [rows = 0, ...columns] = tensor.shape;
      const third = tensor.data.length / 3;
      return [
        [`attn_pool.q.${kind}`, float32([rows / 3, ...columns], tensor.data.subarray(0, third))] as const,
        [`attn_pool.kv.${kind}`, float32([(2 * rows) / 3, ...columns], tensor.data.subarray(third))] as const,
      ];
    }),
  );
}

/** Squashed to a square, values in −1..1. */
const siglipPreprocessing = (imageSize: number): Preprocessing => ({
  ...augregPreprocessing(imageSize),
  resize: { to: 'exact', height: imageSize, width: imageSize },
  crop: false,
});

function preset(name: string, size: Size, patchSize: number, imageSize: number, hubId: string): FamilyPreset {
  return {
    name,
    config: {
      ...{ ...size, patchSize, imageSize, classes: size.width, layerNormEps: 1e-6 },
      ...{ prefix: [], pool: 'attention', activation: 'gelu-tanh', headless: true },
    },
    preprocessing: siglipPreprocessing(imageSize),
    hubId,
  };
}

const so400m: Size = { width: 1152, depth: 27, heads: 16, mlpWidth: 4304 };

/** Those of timm's architectures that have the approximation; the others have the exact GELU. */
const withTanh = /^vit_((giantopt|so400m)_patch16|base_patch32)_siglip|^vit_large_patch16_siglip(_gap)?_512/;

export const siglip: Family = {
  name: 'siglip',
  title: 'SigLIP and SigLIP 2 (vision)',
  modelTypes: ['siglip', 'siglip_vision_model'],
  architectures: /^vit_\w+_siglip/,
  tables: [huggingFace],
  recognises: (tensors) => tensors.has('attn_pool.latent') || tensors.has('attn_pool.in_proj.weight'),
  assumes: ({ origin, architecture = '' }) => ({
    layerNormEps: 1e-6,
    ...(origin === 'huggingface' || withTanh.test(architecture) ? { activation: 'gelu-tanh' } : {}),
    ...(origin === 'huggingface' ? { heads: 12 } : {}),
  }),
  adapt: (tensors, { origin }) => (origin === 'huggingface' ? splitProjection(tensors) : tensors),
  preprocessing: siglipPreprocessing,
  presets: [
    preset('siglip-base-16', base, 16, 224, 'google/siglip-base-patch16-224'),
    preset('siglip-so400m-14', so400m, 14, 384, 'google/siglip-so400m-patch14-384'),
    preset('siglip2-base-16', base, 16, 224, 'google/siglip2-base-patch16-224'),
    preset('siglip2-base-32', base, 32, 256, 'google/siglip2-base-patch32-256'),
  ],
};
