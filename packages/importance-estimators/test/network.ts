/** A small vision transformer with random weights, and its captures under a plan. */

import { createRandom, float32, sizeOf, type Backend, type HostTensor, type Shape } from '@patchslim/tensor';
import {
  embed,
  mapParams,
  paramShapes,
  runBlocks,
  type BlockCapture,
  type BlockPlan,
  type CaptureKind,
  type VitConfig,
} from '@patchslim/vit-models';

/** Ten tokens; width 12 allows two or three heads. */
export const tinyConfig: VitConfig = {
  name: 'test',
  imageSize: 12,
  patchSize: 4,
  width: 12,
  depth: 3,
  heads: 2,
  mlpWidth: 16,
  classes: 5,
  layerNormEps: 1e-6,
};

export interface RunOptions {
  readonly plan?: readonly BlockPlan[];
  readonly capture?: readonly CaptureKind[];
  readonly batch?: number;
  /** Seed of weights and images. */
  readonly seed?: number;
}

/** Runs all blocks. The weights have unit scale, so that attention is far from uniform. */
export function captureBlocks(backend: Backend, config: VitConfig, options: RunOptions = {}): BlockCapture[] {
  const { plan, capture = ['attention', 'input', 'values'], batch = 2, seed = 1 } = options;
  const random = createRandom(seed);
  const fill = (shape: Shape): HostTensor =>
    float32(
      shape,
      Float32Array.from({ length: sizeOf(shape) }, () => 1.6 * (random() - 0.5)),
    );
  const model = { config, params: mapParams(paramShapes(config), (shape) => backend.constant(fill(shape))) };
  const images = backend.constant(fill([batch, 3, config.imageSize, config.imageSize]));
  return runBlocks(model, embed(model, images), { plan, capture }).captures;
}
