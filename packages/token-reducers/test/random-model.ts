/** Small models with random weights, for tests. */

import { createRandom, float32, sizeOf, type Backend, type HostTensor } from '@patchslim/tensor';
import {
  mapParams,
  paramShapes,
  type VitConfig,
  type VitNetwork,
  type VitParams,
} from '@patchslim/vit-models';

export const tinyConfig: VitConfig = {
  name: 'test',
  imageSize: 12,
  patchSize: 4,
  width: 8,
  depth: 3,
  heads: 2,
  mlpWidth: 16,
  classes: 5,
  layerNormEps: 1e-6,
};

export const distilledConfig: VitConfig = { ...tinyConfig, prefix: ['class', 'distillation'] };

/** Parameters for which every part matters: weights of unit scale, norms far from identity. */
export function randomParams(config: VitConfig, seed: number): VitParams<HostTensor<'float32'>> {
  const random = createRandom(seed);
  return mapParams(paramShapes(config), (shape) =>
    float32(
      shape,
      Float32Array.from({ length: sizeOf(shape) }, () => 1.2 * (random() - 0.5)),
    ),
  );
}

export function placeParams(
  backend: Backend,
  config: VitConfig,
  params: VitParams<HostTensor<'float32'>>,
): VitNetwork {
  return { config, params: mapParams(params, (host) => backend.constant(host)) };
}

export function randomImages(config: VitConfig, batch: number, seed: number): HostTensor<'float32'> {
  const random = createRandom(seed);
  const shape = [batch, 3, config.imageSize, config.imageSize];
  return float32(
    shape,
    Float32Array.from({ length: sizeOf(shape) }, () => 2 * random() - 1),
  );
}
