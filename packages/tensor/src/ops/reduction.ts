/** Reductions and scans. */

import { apply } from '../apply.js';
import { PatchslimError } from '../errors.js';
import type { OpDefinition } from '../op.js';
import { reducedShape, requireDType, resolveAxis } from '../shapes.js';
import type { Tensor } from '../tensor.js';

/** Options of reductions. */
export interface ReduceOptions {
  /** Keep reduced axes with length 1. */
  readonly keepDims?: boolean;
}

/** Resolves the `axes` argument: one axis, several, or all. */
export function reduction(
  op: string,
  x: Tensor,
  axes: number | readonly number[] | undefined,
  options: ReduceOptions,
) {
  const list = axes === undefined ? x.shape.map((_, i) => i) : typeof axes === 'number' ? [axes] : axes;
  const resolved = list.map((axis) => resolveAxis(op, axis, x.shape.length)).sort((a, b) => a - b);
  if (new Set(resolved).size < resolved.length) {
    throw new PatchslimError('INVALID_ARGUMENT', `${op}(): an axis twice in [${list.join(',')}]`, { op });
  }
  return {
    axes: resolved,
    keepDims: options.keepDims ?? false,
  };
}

function reducer<N extends 'sum' | 'max'>(name: N): OpDefinition<N> {
  return {
    name,
    infer([x], { axes, keepDims }) {
      requireDType(name, [x!], ['float32', 'int32']);
      return { shape: reducedShape(x!.shape, axes, keepDims), dtype: x!.dtype };
    },
  };
}

export const sumOp = reducer('sum');
export const maxOp = reducer('max');

/** Sum over `axes` (by default all). */
export const sum = (x: Tensor, axes?: number | readonly number[], options: ReduceOptions = {}): Tensor =>
  apply(sumOp, [x], reduction('sum', x, axes, options));

/** Largest value over `axes` (by default all). */
export const max = (x: Tensor, axes?: number | readonly number[], options: ReduceOptions = {}): Tensor =>
  apply(maxOp, [x], reduction('max', x, axes, options));

export const argMaxOp: OpDefinition<'argMax'> = {
  name: 'argMax',
  infer([x], { axis }) {
    requireDType('argMax', [x!], ['float32']);
    return { shape: reducedShape(x!.shape, [axis], false), dtype: 'int32' };
  },
};

/** Position of the largest value along `axis`, int32; the lowest position on a tie. */
export const argMax = (x: Tensor, axis = -1): Tensor =>
  apply(argMaxOp, [x], { axis: resolveAxis('argMax', axis, x.shape.length) });

export const cumSumOp: OpDefinition<'cumSum'> = {
  name: 'cumSum',
  infer([x]) {
    requireDType('cumSum', [x!], ['float32', 'int32']);
    return { shape: x!.shape, dtype: x!.dtype };
  },
};

/** Inclusive running sum along `axis`. */
export const cumSum = (x: Tensor, axis = -1): Tensor =>
  apply(cumSumOp, [x], { axis: resolveAxis('cumSum', axis, x.shape.length) });
