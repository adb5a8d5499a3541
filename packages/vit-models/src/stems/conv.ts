/**
 * The stem of LV-ViT: three convolutions at half of the image's resolution, each with a ReLU, then one linear layer on each
 * patch. Their batch normalisation is in their weights (`families/lv-vit.ts`).
 */

import { conv2d, linear as dense, maximum, named, unfold, type Tensor } from '@patchslim/tensor';
import { gridSize } from '../config.js';
import { linear, value } from '../param-entry.js';
import type { Stem } from './stem.js';

/** Channels of each convolution. */
const channels = 64;

/** The convolutions, in their order. */
export const convolutions = [
  { name: 'conv1', inputs: 3, kernel: 7, stride: 2, padding: 3 },
  { name: 'conv2', inputs: channels, kernel: 3, stride: 1, padding: 1 },
  { name: 'conv3', inputs: channels, kernel: 3, stride: 1, padding: 1 },
] as const;

type Convolution = { readonly kernel: Tensor; readonly bias: Tensor };

/** Side of a patch behind the convolutions. */
const side = (patchSize: number): number => patchSize / 2;

export const convStem: Stem = {
  projection: {
    tensor: 'patch_embed.proj',
    pattern: `[width,${channels},patch / 2,patch / 2]`,
    patchSize: ([, , height = 0, width = 0]) => [2 * height, 2 * width],
  },
  params: ({ width, patchSize }) => [
    ...convolutions.flatMap(({ name, inputs, kernel }) => [
      value(`stem.${name}.kernel`, `patch_embed.${name}.weight`, [channels, inputs, kernel, kernel]),
      value(`stem.${name}.bias`, `patch_embed.${name}.bias`, [channels]),
    ]),
    ...linear('patches', 'patch_embed.proj', [[channels, side(patchSize), side(patchSize)], width]),
  ],
  patches({ patchSize }, { stem, patches }, images) {
    const features = convolutions.reduce((x, { name, stride, padding }) => {
      const { kernel, bias } = stem![name] as Convolution;
      return named(x.backend, name, () => maximum(conv2d(x, kernel, bias, { stride, padding }), 0));
    }, images);
    const cut = { kernel: side(patchSize), stride: side(patchSize) };
    return named(images.backend, 'proj', () => dense(unfold(features, cut), patches.weight, patches.bias));
  },
  macs(config) {
    const { width, imageSize, patchSize } = config;
    const perPixel = convolutions.reduce(
      (sum, { inputs, kernel }) => sum + inputs * kernel ** 2 * channels,
      0,
    );
    return (imageSize / 2) ** 2 * perPixel + gridSize(config) ** 2 * channels * side(patchSize) ** 2 * width;
  },
};
