import { mean, mul, sub, type Tensor } from '@patchslim/tensor';

/** Mean over all elements of `(x − target)²`. */
export function meanSquaredError(x: Tensor, target: Tensor): Tensor {
  const difference = sub(x, target);
  return mean(
    mul(difference, difference),
    x.shape.map((_, axis) => axis),
  );
}
