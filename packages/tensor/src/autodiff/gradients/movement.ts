/** Gradients of the ops that move values: each moves the gradient back. */

import { float32, type Shape } from '../../host.js';
import { gather, scatterAdd } from '../../ops/indexing.js';
import { broadcastTo, cast, pad, reshape, slice, transpose } from '../../ops/movement.js';
import type { Tensor } from '../../tensor.js';
import { unbroadcast, type Gradients } from './gradient.js';

export const movementGradients: Gradients<
  'reshape' | 'transpose' | 'slice' | 'concat' | 'broadcastTo' | 'pad' | 'cast' | 'gather' | 'scatterAdd'
> = {
  reshape: ({ inputs: [x] }, grad) => [() => reshape(grad, x!.shape)],
  transpose: ({ attrs: { permutation } }, grad) => [
    () =>
      transpose(
        grad,
        permutation.map((_, axis) => permutation.indexOf(axis)),
      ),
  ],
  slice: ({ inputs: [x], attrs: { begin, size } }, grad) => [
    () =>
      pad(
        grad,
        begin,
        x!.shape.map((dim, axis) => dim - begin[axis]! - size[axis]!),
      ),
  ],
  concat({ inputs, attrs: { axis } }, grad) {
    let next = 0;
    return inputs.map(({ shape }) => {
      const begin = shape.map((_, i) => (i === axis ? next : 0));
      next += shape[axis]!;
      return () => slice(grad, begin, shape);
    });
  },
  broadcastTo: ({ inputs: [x] }, grad) => [() => unbroadcast(grad, x!.shape)],
  pad: ({ inputs: [x], attrs: { before } }, grad) => [() => slice(grad, before, x!.shape)],
  cast: ({ inputs: [x] }, grad) => [() => cast(grad, x!.dtype)],
  gather: ({ inputs: [x, indices], attrs: { axis, batchDims } }, grad) => [
    () => scatterAdd(zeros(grad, x!.shape), indices!, grad, axis, batchDims),
    undefined,
  ],
  scatterAdd: ({ inputs: [, indices], attrs: { axis, batchDims } }, grad) => [
    () => grad,
    undefined,
    () => gather(grad, indices!, axis, batchDims),
  ],
};

const zeros = ({ backend }: Tensor, shape: Shape): Tensor =>
  broadcastTo(backend.constant(float32([], [0])), shape);
