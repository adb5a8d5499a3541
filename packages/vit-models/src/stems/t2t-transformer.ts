/** T2T-ViT's stem with ordinary attention of one head. */

import { attention } from '@patchslim/tensor';
import { t2tStem, tokenWidth } from './t2t.js';

export const transformerStem = t2tStem({
  names: {
    joined: 'attn.qkv',
    order: ['query', 'key', 'value'],
    projection: 'attn.proj',
    mlp1: 'mlp.fc1',
    mlp2: 'mlp.fc2',
  },
  joinedBias: false,
  params: () => [],
  /** The scale follows from the channels of the windows, not from those of the head. */
  mix: (_, queries, keys, values, channels) =>
    attention(queries, keys, values, 1, { scale: 1 / Math.sqrt(channels) }),
  macs: (tokens) => 2 * tokens ** 2 * tokenWidth,
});
