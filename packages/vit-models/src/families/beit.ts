/** BEiT (arXiv 2106.08254): a bias by the offset of two patches in place of positions. */

import { augregPreprocessing } from '../preprocessing.js';
import type { Family, Tensors } from './family.js';
import { bertNames } from './hugging-face-names.js';
import { base, plain } from './sizes.js';
import { evaNames } from './timm-names.js';

const table = 'relative_position_bias_table';

const shared = `rel_pos_bias.${table}`;

/** One table that all blocks share becomes one in each. */
function tableInEachBlock(tensors: Tensors): Tensors {
  const { [shared]: common, ...own } = Object.fromEntries(tensors);
  if (!common) return tensors;
  const blocks = Object.keys(own).filter((name) => /^blocks\.\d+\.norm1\.weight$/.test(name));
  return new Map([
    ...Object.entries(own),
    ...blocks.map((name) => [name.replace('norm1.weight', `attn.${table}`), common] as const),
  ]);
}

export const beit: Family = {
  name: 'beit',
  title: 'BEiT',
  modelTypes: ['beit'],
  architectures: /^beit(v2)?_/,
  tables: [
    ...bertNames({
      outer: {
        [`encoder.relative_position_bias.${table}`]: `~${shared}`,
        [`shared_position_bias.${table}`]: `~${shared}`,
        'encoder.relative_position_bias.relative_position_index': '',
        'shared_position_bias.relative_position_index': '',
      },
      inner: {
        [`relative_position_bias.${table}`]: `attn.${table}`,
        'relative_position_bias.relative_position_index': '',
        lambda_1: 'ls1.gamma',
        lambda_2: 'ls2.gamma',
        [`attention.attention.relative_position_bias.${table}`]: `attn.${table}`,
        [`attention.relative_position_bias.${table}`]: `attn.${table}`,
        'attention.attention.relative_position_bias.relative_position_index': '',
        'attention.relative_position_bias.relative_position_index': '',
      },
    }),
    evaNames,
  ],
  recognises: (tensors) => tensors.has(`blocks.0.attn.${table}`) || tensors.has(shared),
  adapt: tableInEachBlock,
  assumes: ({ origin }) =>
    origin === 'huggingface' ? { layerNormEps: 1e-12, heads: 12 } : { layerNormEps: 1e-6 },
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
