/** BEiT (arXiv 2106.08254): a bias by the offset of two patches in place of positions. */

import { augregPreprocessing } from '../preprocessing.js';
import type { Family } from './family.js';
import { gammaNames } from './deit.js';
import { bertNames } from './hugging-face-names.js';
import { base, plain } from './sizes.js';

const table = 'relative_position_bias_table';

export const beit: Family = {
  name: 'beit',
  title: 'BEiT',
  modelTypes: ['beit'],
  architectures: /^beit(v2)?_/,
  tables: [
    ...bertNames({
      inner: {
        lambda_1: 'ls1.gamma',
        lambda_2: 'ls2.gamma',
        [`attention.attention.relative_position_bias.${table}`]: `attn.${table}`,
        [`attention.relative_position_bias.${table}`]: `attn.${table}`,
        'attention.attention.relative_position_bias.relative_position_index': '',
        'attention.relative_position_bias.relative_position_index': '',
      },
    }),
    {
      ...gammaNames,
      outer: { ...gammaNames.outer, fc_norm: 'fc_norm', mask_token: '' },
      inner: {
        ...gammaNames.inner,
        'attn.q_bias': 'attn.q_bias',
        'attn.v_bias': 'attn.v_bias',
        'attn.k_bias': '',
        [`attn.${table}`]: `attn.${table}`,
        'attn.relative_position_index': '',
      },
    },
  ],
  recognises: (tensors) => tensors.has(`blocks.0.attn.${table}`),
  assumes: ({ origin }) => (origin === 'huggingface' ? { layerNormEps: 1e-12, heads: 12 } : { layerNormEps: 1e-6 }),
  preprocessing: (imageSize) => augregPreprocessing(imageSize),
  presets: [
    {
      name: 'beit-base',
      config: {
        ...{ ...plain, ...base, imageSize: 224, positions: 'none', relativePositions: true },
        ...{ qkvBias: 'query-value', layerScale: true, pool: 'mean', lastNorm: 'pooled' },
      },
      preprocessing: augregPreprocessing(224),
      hubId: 'timm/beit_base_patch16_224.in22k_ft_in22k_in1k',
    },
  ],
};
