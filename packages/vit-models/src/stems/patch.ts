/** The stem of ViT: one linear layer on the pixels of each patch. */

import { linear as dense, unfold } from '@patchslim/tensor';
import { gridSize, switchesOf } from '../config.js';
import { linear } from '../param-entry.js';
import type { Stem } from './stem.js';

export const patchStem: Stem = {
  projection: {
    tensor: 'patch_embed.proj',
    pattern: '[width,3,patch,patch]',
    patchSize: ([, , height = 0, width = 0]) => [height, width],
  },
  params(config) {
    const { width, patchSize } = config;
    const pixels = [3, patchSize, patchSize];
    return linear('patches', 'patch_embed.proj', [pixels, width], switchesOf(config).patchBias);
  },
  patches({ patchSize }, { patches }, images) {
    const pixels = unfold(images, { kernel: patchSize, stride: patchSize });
    return dense(pixels, patches.weight, patches.bias);
  },
  macs: (config) => gridSize(config) ** 2 * 3 * config.patchSize ** 2 * config.width,
};
