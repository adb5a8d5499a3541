/** Counts any tensor program, or the forward pass of a vision transformer. */

import { mapValues, scope, Tensor, type Specs, type Tensors } from '@patchslim/tensor';
import { forward, mapParams, paramShapes, type BlockPlan, type VitConfig } from '@patchslim/vit-models';
import { macsConvention, type Convention } from './convention.js';
import { createCountingBackend, type CountingBackend } from './counting-backend.js';
import { summarize, type CostReport } from './report.js';

/**
 * Counts one call of `fn`. Tensors that it closes over must belong to the backend passed to it.
 * @example
 * countProgram((_, { a, b }) => ({ c: matMul(a, b) }), {
 *   a: { shape: [8, 16], dtype: 'float32' },
 *   b: { shape: [16, 4], dtype: 'float32' },
 * }).macs; // 512
 */
export function countProgram<I extends string>(
  fn: (backend: CountingBackend, inputs: Tensors<I>) => Tensors,
  inputs: Specs<I>,
  convention: Convention = macsConvention,
): CostReport {
  const backend = createCountingBackend();
  scope(backend, () => {
    fn(
      backend,
      mapValues(inputs, ({ shape, dtype }) => new Tensor(backend, undefined, shape, dtype)),
    );
  });
  return summarize(backend.calls, convention);
}

/**
 * Counts the forward pass of one image, dense or with a plan, without any weights.
 * @throws PLAN_INVALID
 */
export function countForward(
  config: VitConfig,
  { plan, convention }: { plan?: readonly BlockPlan[] | undefined; convention?: Convention | undefined } = {},
): CostReport {
  return countProgram(
    (backend, { images }) => {
      const params = mapParams(
        paramShapes(config),
        (shape) => new Tensor(backend, undefined, shape, 'float32'),
      );
      return { logits: forward({ config, params }, images, { plan }).logits };
    },
    { images: { shape: [1, 3, config.imageSize, config.imageSize], dtype: 'float32' } },
    convention,
  );
}
