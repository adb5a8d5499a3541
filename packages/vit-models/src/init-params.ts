/** Starting values for training from scratch. */

import { createRandom, float32, sizeOf, type HostTensor, type Random } from '@patchslim/tensor';
import type { VitConfig } from './config.js';
import type { ParamKind } from './param-entry.js';
import { paramShapes } from './param-tree.js';
import { mapParams, type VitParams } from './params.js';

/** Standard deviation of weights, tokens and position embeddings, as in DeiT. */
const deviation = 0.02;

/**
 * Random parameters as DeiT and timm start with: weights, class token and position embeddings from a normal
 * distribution of deviation 0.02 cut at two deviations, biases 0, norms the identity. The same seed gives the same values.
 */
export function initParams(config: VitConfig, seed: number): VitParams<HostTensor<'float32'>> {
  const random = createRandom(seed);
  return mapParams(paramShapes(config), (shape, kind) =>
    float32(
      shape,
      Float32Array.from({ length: sizeOf(shape) }, () => startingValue(kind, random)),
    ),
  );
}

function startingValue(kind: ParamKind, random: Random): number {
  if (kind === 'gamma' || kind === 'scale') return 1;
  return kind === 'bias' || kind === 'beta' ? 0 : deviation * truncatedNormal(random);
}

/** Box and Muller's transform, drawn again beyond two deviations. */
function truncatedNormal(random: Random): number {
  for (;;) {
    const value = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    if (Math.abs(value) <= 2) return value;
  }
}
