/** Convolution of images. `B` images, `k` the side of the kernel. */

import { apply } from '../apply.js';
import type { TensorSpec } from '../host.js';
import type { OpDefinition, WindowSteps } from '../op.js';
import { reshape, transpose } from '../ops/movement.js';
import { fail } from '../shapes.js';
import type { Tensor } from '../tensor.js';
import { linear } from './linear.js';
import { unfold, windowGrid, type WindowOptions } from './unfold.js';

export const conv2dOp: OpDefinition<'conv2d'> = {
  name: 'conv2d',
  infer: inferConvolution,
  decompose(inputs, steps) {
    const [x, weight, bias] = inputs;
    const [batch, outputs, ...grid] = inferConvolution(inputs, steps).shape;
    const kernel = weight!.shape[2]!;
    const matrix = transpose(reshape(weight!, [outputs!, -1]), [1, 0]);
    const rows = linear(unfold(x!, { kernel, ...steps }), matrix, bias);
    return reshape(transpose(rows, [0, 2, 1]), [batch!, outputs!, ...grid]);
  },
};

/**
 * Cross-correlation of images `[B, in, H, W]` with kernels `[out, in, k, k]`, plus a bias `[out]` → `[B, out, H′, W′]`, with
 * `H′ = ⌊(H + 2 · padding − k) / stride⌋ + 1`; as in PyTorch.
 */
export function conv2d(
  x: Tensor,
  weight: Tensor,
  bias?: Tensor,
  { stride = 1, padding = 0 }: Omit<WindowOptions, 'kernel'> = {},
): Tensor {
  return apply(conv2dOp, bias ? [x, weight, bias] : [x, weight], { stride, padding });
}

function inferConvolution(inputs: readonly TensorSpec[], steps: WindowSteps): TensorSpec {
  const [x, weight, bias] = inputs;
  const [outputs, channels, kernel, across] = weight!.shape;
  if (weight!.shape.length !== 4 || kernel !== across) fail('conv2d', 'kernels [out, in, k, k]', inputs);
  const grid = windowGrid('conv2d', x!, { kernel: kernel!, ...steps }, inputs);
  if (channels !== grid.channels) fail('conv2d', `kernels for ${grid.channels} channels`, inputs);
  if (bias && bias.shape.join() !== `${outputs}`) fail('conv2d', `a bias [${outputs}]`, inputs);
  return { shape: [grid.batch, outputs!, grid.rows, grid.columns], dtype: 'float32' };
}
