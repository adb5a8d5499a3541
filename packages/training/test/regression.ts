/** A small problem with a known solution: find `W` and `b` of `y = xW + b`. */

import {
  add,
  createRandom,
  float32,
  matMul,
  type Backend,
  type HostTensor,
  type Tensor,
  type Tensors,
} from '@patchslim/tensor';
import { meanSquaredError } from '../src/index.js';

export interface Line {
  readonly weight: Tensor;
  readonly bias: Tensor;
}

export const batchSize = 16;
export const specs = {
  x: { shape: [batchSize, 3], dtype: 'float32' },
  y: { shape: [batchSize, 2], dtype: 'float32' },
} as const;

export const solution = { weight: [1, -2, 0.5, 3, -1, 0.25], bias: [0.5, -0.5] };

export const startingLine = (backend: Backend): Line => ({
  weight: backend.constant(float32([3, 2], new Float32Array(6))),
  bias: backend.constant(float32([2], new Float32Array(2))),
});

export const lineLoss = ({ weight, bias }: Line, { x, y }: Tensors<'x' | 'y'>): Tensor =>
  meanSquaredError(add(matMul(x, weight), bias), y);

/** Batch `index` of a stream of examples. */
export function lineBatch(index: number): Record<'x' | 'y', HostTensor> {
  const random = createRandom(index);
  const x = Float32Array.from({ length: batchSize * 3 }, () => 2 * random() - 1);
  const y = new Float32Array(batchSize * 2);
  for (let row = 0; row < batchSize; row++) {
    for (let column = 0; column < 2; column++) {
      y[row * 2 + column] = [0, 1, 2].reduce(
        (sum, i) => sum + x[row * 3 + i]! * solution.weight[i * 2 + column]!,
        solution.bias[column]!,
      );
    }
  }
  return { x: float32([batchSize, 3], x), y: float32([batchSize, 2], y) };
}

// eslint-disable-next-line @typescript-eslint/require-await -- batches come as a stream
export async function* lineBatches(epoch: number, steps: number) {
  for (let step = 0; step < steps; step++) yield lineBatch(epoch * steps + step);
}
