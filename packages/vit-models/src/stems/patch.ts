/** The stem of ViT: one linear layer on the pixels of each patch. */

import { linear as dense, reshape, transpose } from '@patchslim/tensor';
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
  patches({ patchSize, ...config }, { patches }, images) {
    const grid = gridSize({ patchSize, ...config });
    const batch = images.shape[0]!;
    const cut = reshape(images, [batch, 3, grid, patchSize, grid, patchSize]);
    const pixels = reshape(transpose(cut, [0, 2, 4, 1, 3, 5]), [batch, grid * grid, 3 * patchSize ** 2]);
    return dense(pixels, patches.weight, patches.bias);
  },
  macs: (config) => gridSize(config) ** 2 * 3 * config.patchSize ** 2 * config.width,
};
