/** Starting values for training from scratch. */

import { createRandom, float32, sizeOf, type HostTensor, type Random, type Shape } from '@patchslim/tensor';
import type { VitConfig } from './configs.js';
import { paramShapes, type LinearParams, type NormParams, type VitParams } from './params.js';

/** Standard deviation of weights, tokens and position embeddings, as in DeiT. */
const deviation = 0.02;

/**
 * Random parameters as DeiT and timm start with: weights, class token and position embeddings from a normal
 * distribution of deviation 0.02 cut at two deviations, biases 0, norms the identity. The same seed gives the same values.
 */
export function initParams(config: VitConfig, seed: number): VitParams<HostTensor<'float32'>> {
  const random = createRandom(seed);
  const normal = (shape: Shape) => fill(shape, () => deviation * truncatedNormal(random));
  const constant = (shape: Shape, value: number) => fill(shape, () => value);
  const shapes = paramShapes(config);
  const linear = ({ weight, bias }: LinearParams<Shape>) => ({
    weight: normal(weight),
    bias: constant(bias, 0),
  });
  const norm = ({ gamma, beta }: NormParams<Shape>) => ({
    gamma: constant(gamma, 1),
    beta: constant(beta, 0),
  });
  const { distilledHead } = shapes;
  return {
    prefix: normal(shapes.prefix),
    positions: normal(shapes.positions),
    patches: linear(shapes.patches),
    blocks: shapes.blocks.map((block) => ({
      norm1: norm(block.norm1),
      query: linear(block.query),
      key: linear(block.key),
      value: linear(block.value),
      projection: linear(block.projection),
      norm2: norm(block.norm2),
      mlp1: linear(block.mlp1),
      mlp2: linear(block.mlp2),
    })),
    norm: norm(shapes.norm),
    head: linear(shapes.head),
    ...(distilledHead ? { distilledHead: linear(distilledHead) } : {}),
  };
}

function fill(shape: Shape, value: () => number): HostTensor<'float32'> {
  return float32(shape, Float32Array.from({ length: sizeOf(shape) }, value));
}

/** Box and Muller's transform, drawn again beyond two deviations. */
function truncatedNormal(random: Random): number {
  for (;;) {
    const value = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    if (Math.abs(value) <= 2) return value;
  }
}
