/** Primitives that move values and compute nothing. */

import { apply } from '../apply.js';
import { PatchslimError } from '../errors.js';
import { sizeOf, type DType, type Shape } from '../host.js';
import type { OpDefinition } from '../op.js';
import { broadcastShapes, fail, requireLengths, requireSameDType, resolveAxis } from '../shapes.js';
import type { Tensor } from '../tensor.js';

export const reshapeOp: OpDefinition<'reshape'> = {
  name: 'reshape',
  infer([x], { shape }) {
    requireLengths('reshape', 'dimensions', shape);
    if (sizeOf(shape) !== sizeOf(x!.shape))
      fail('reshape', `${sizeOf(shape)} elements for [${shape.join(',')}]`, [x!]);
    return { shape, dtype: x!.dtype };
  },
};

/** The same values in another shape; one dimension may be -1, and is then computed. */
export function reshape(x: Tensor, shape: Shape): Tensor {
  const known = shape.filter((dim) => dim !== -1);
  if (known.length < shape.length - 1) {
    throw new PatchslimError('INVALID_ARGUMENT', `reshape(): at most one -1, got [${shape.join(',')}]`);
  }
  const rest = sizeOf(x.shape) / sizeOf(known);
  if (known.length < shape.length && !Number.isInteger(rest)) {
    fail('reshape', `a multiple of ${sizeOf(known)} elements for [${shape.join(',')}]`, [x]);
  }
  return apply(reshapeOp, [x], { shape: shape.map((dim) => (dim === -1 ? rest : dim)) });
}

export const transposeOp: OpDefinition<'transpose'> = {
  name: 'transpose',
  infer([x], { permutation }) {
    const sorted = [...permutation].sort((a, b) => a - b);
    if (permutation.length !== x!.shape.length || sorted.some((axis, i) => axis !== i)) {
      fail('transpose', `a permutation of all axes ([${permutation.join(',')}] is none)`, [x!]);
    }
    return { shape: permutation.map((axis) => x!.shape[axis]!), dtype: x!.dtype };
  },
};

/** Axis `i` of the result is axis `permutation[i]` of `x`. */
export const transpose = (x: Tensor, permutation: readonly number[]): Tensor =>
  apply(transposeOp, [x], { permutation });

export const sliceOp: OpDefinition<'slice'> = {
  name: 'slice',
  infer([x], { begin, size }) {
    const whole = [...begin, ...size].every((n) => Number.isInteger(n) && n >= 0);
    const inside = whole && x!.shape.every((dim, i) => begin[i]! + size[i]! <= dim);
    if (begin.length !== x!.shape.length || size.length !== x!.shape.length || !inside) {
      fail('slice', `a box from [${begin.join(',')}] of size [${size.join(',')}] inside the tensor`, [x!]);
    }
    return { shape: size, dtype: x!.dtype };
  },
};

/** The box that starts at `begin`; a size of -1 reaches to the end of its axis. */
export function slice(x: Tensor, begin: readonly number[], size: readonly number[]): Tensor {
  const full = size.map((length, i) => (length === -1 ? (x.shape[i] ?? 0) - (begin[i] ?? 0) : length));
  return apply(sliceOp, [x], { begin, size: full });
}

export const concatOp: OpDefinition<'concat'> = {
  name: 'concat',
  infer(inputs, { axis }) {
    const dtype = requireSameDType('concat', inputs);
    const [first] = inputs;
    const fits = inputs.every(
      ({ shape }) =>
        shape.length === first!.shape.length &&
        shape.every((dim, i) => i === axis || dim === first!.shape[i]),
    );
    if (!fits) fail('concat', `shapes that differ in axis ${axis} only`, inputs);
    const length = inputs.reduce((total, { shape }) => total + shape[axis]!, 0);
    return { shape: first!.shape.map((dim, i) => (i === axis ? length : dim)), dtype };
  },
};

/** Concatenates tensors along `axis`. */
export function concat(tensors: readonly Tensor[], axis: number): Tensor {
  const [first] = tensors;
  return apply(concatOp, tensors, { axis: first ? resolveAxis('concat', axis, first.shape.length) : axis });
}

export const broadcastToOp: OpDefinition<'broadcastTo'> = {
  name: 'broadcastTo',
  infer([x], { shape }) {
    requireLengths('broadcastTo', 'dimensions', shape);
    const result = broadcastShapes(x!.shape, shape);
    if (!result || result.length !== shape.length || result.some((dim, i) => dim !== shape[i])) {
      fail('broadcastTo', `a shape that broadcasts to [${shape.join(',')}]`, [x!]);
    }
    return { shape, dtype: x!.dtype };
  },
};

/** Repeats axes of length 1 and adds leading axes to reach `shape`. */
export const broadcastTo = (x: Tensor, shape: Shape): Tensor => apply(broadcastToOp, [x], { shape });

export const padOp: OpDefinition<'pad'> = {
  name: 'pad',
  infer([x], { before, after }) {
    const rank = x!.shape.length;
    requireLengths('pad', 'paddings', [...before, ...after]);
    if (before.length !== rank || after.length !== rank) fail('pad', 'one padding per axis and side', [x!]);
    return { shape: x!.shape.map((dim, i) => dim + before[i]! + after[i]!), dtype: x!.dtype };
  },
};

/** Surrounds `x` with `value`. */
export const pad = (x: Tensor, before: readonly number[], after: readonly number[], value = 0): Tensor =>
  apply(padOp, [x], { before, after, value });

export const castOp: OpDefinition<'cast'> = {
  name: 'cast',
  infer: ([x], { dtype }) => ({ shape: x!.shape, dtype }),
};

/** Converts to another dtype: float to int truncates towards zero, every value but zero is true. */
export const cast = (x: Tensor, dtype: DType): Tensor => apply(castOp, [x], { dtype });
