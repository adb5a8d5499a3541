/** EVA-02 (arXiv 2303.11331) and its CLIP towers (arXiv 2303.15389): rotary and learned positions, SwiGLU. */

import type { VitConfig } from '../config.js';
import { clipPreprocessing } from './clip.js';
import type { Family, FamilyPreset } from './family.js';
import { small, tiny, type Size } from './sizes.js';
import { evaNames } from './timm-names.js';

function preset(name: string, size: Size, mlpWidth: number): FamilyPreset {
  const config: Omit<VitConfig, 'name'> = {
    ...{ ...size, mlpWidth, patchSize: 14, imageSize: 224, classes: size.width, layerNormEps: 1e-6 },
    ...{
      rope: 'interleaved',
      qkvBias: 'query-value',
      mlp: 'gated',
      headless: true,
      pool: 'mean',
      lastNorm: 'pooled',
    },
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
  tables: [evaNames],
  recognises: (tensors) =>
    tensors.has('blocks.0.attn.q_bias') && tensors.has('pos_embed') && !tensors.has('blocks.0.ls1.gamma'),
  assumes: ({ architecture = '' }) => ({
    ...{ layerNormEps: 1e-6, rope: 'interleaved' },
    pool: architecture.includes('_clip_') ? 'class' : 'mean',
  }),
  // The projection of its CLIP towers has a bias, as a classifier has.
  projects: (tensors, { architecture = '', tag = '' }) =>
    tensors.has('head.weight') && architecture.includes('_clip_') && tag !== '' && !/(^|_)ft_/.test(tag),
  preprocessing: clipPreprocessing,
  presets: [preset('eva02-tiny', tiny, 512), preset('eva02-small', small, 1024)],
};
