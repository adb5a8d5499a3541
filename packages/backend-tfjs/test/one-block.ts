/** One block of DeiT-Ti at its image size with random weights: 197 tokens of width 192. */

import {
  createRandom,
  float32,
  scope,
  sizeOf,
  type Backend,
  type HostTensor,
  type Shape,
  type Tensor,
} from '@patchslim/tensor';
import {
  densePlan,
  mapParams,
  paramShapes,
  runBlocks,
  type BlockPlan,
  type VitConfig,
} from '@patchslim/vit-models';

const config: VitConfig = {
  name: 'one block',
  imageSize: 224,
  patchSize: 16,
  width: 192,
  depth: 1,
  heads: 3,
  mlpWidth: 768,
  classes: 2,
  layerNormEps: 1e-6,
};
const tokens = 197;

/** Uploads weights and input; each call of the returned function runs the block once, dense by default. */
export function oneBlock(backend: Backend, plan: readonly BlockPlan[] = densePlan(config)): () => Tensor {
  const random = createRandom(5);
  const noise = (shape: Shape, size: number): HostTensor<'float32'> =>
    float32(
      shape,
      Float32Array.from({ length: sizeOf(shape) }, () => size * (2 * random() - 1)),
    );
  const params = mapParams(paramShapes(config), (shape) => backend.constant(noise(shape, 0.1)));
  const input = backend.constant(noise([1, tokens, config.width], 1));
  const positions = Array.from({ length: tokens }, (_, i) => i);
  return () =>
    scope(backend, () => runBlocks({ config, params }, { tokens: input, positions }, { plan }).state.tokens);
}
