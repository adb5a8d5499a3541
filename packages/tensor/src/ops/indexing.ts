/** Gather and its transpose, scatterAdd, along one axis; indices are int32, shared by the batch or one row per image. */

import { apply } from '../apply.js';
import { PatchslimError } from '../errors.js';
import type { TensorSpec } from '../host.js';
import type { Indexing, OpDefinition } from '../op.js';
import { fail, requireDType, requireSameDType, resolveAxis } from '../shapes.js';
import type { Tensor } from '../tensor.js';

function gatheredShape(op: string, x: TensorSpec, indices: TensorSpec, { axis, batchDims }: Indexing) {
  requireDType(op, [indices], ['int32']);
  if (indices.shape.length !== batchDims + 1) {
    fail(op, `indices of rank ${batchDims + 1} with batchDims ${batchDims}`, [x, indices]);
  }
  if (batchDims === 1 && (axis === 0 || indices.shape[0] !== x.shape[0])) {
    fail(op, 'one row of indices per batch element and an axis after the batch', [x, indices]);
  }
  return x.shape.map((dim, i) => (i === axis ? indices.shape[batchDims]! : dim));
}

export const gatherOp: OpDefinition<'gather'> = {
  name: 'gather',
  infer([x, indices], attrs) {
    return { shape: gatheredShape('gather', x!, indices!, attrs), dtype: x!.dtype };
  },
};

/**
 * Picks entries along `axis`. `batchDims` 0: indices `[n]` for everything; 1: indices `[B, n]`, row `b` for `x[b]`.
 * Indices must lie within the axis; backends need not check this.
 */
export function gather(x: Tensor, indices: Tensor, axis: number, batchDims: 0 | 1 = 0): Tensor {
  return apply(gatherOp, [x, indices], { axis: resolveAxis('gather', axis, x.shape.length), batchDims });
}

export const scatterAddOp: OpDefinition<'scatterAdd'> = {
  name: 'scatterAdd',
  infer([base, indices, updates], attrs) {
    requireDType('scatterAdd', [base!, updates!], ['float32', 'int32']);
    requireSameDType('scatterAdd', [base!, updates!]);
    const expected = gatheredShape('scatterAdd', base!, indices!, attrs);
    if (expected.length !== updates!.shape.length || expected.some((dim, i) => dim !== updates!.shape[i])) {
      fail('scatterAdd', `updates of shape [${expected.join(',')}]`, [base!, indices!, updates!]);
    }
    return { shape: base!.shape, dtype: base!.dtype };
  },
};

/** `base` with `updates[…, i, …]` added at `indices[i]` along `axis`; repeated indices add up. */
export function scatterAdd(
  base: Tensor,
  indices: Tensor,
  updates: Tensor,
  axis: number,
  batchDims: 0 | 1 = 0,
): Tensor {
  const attrs = { axis: resolveAxis('scatterAdd', axis, base.shape.length), batchDims };
  return apply(scatterAddOp, [base, indices, updates], attrs);
}

export const topKOp: OpDefinition<'topK'> = {
  name: 'topK',
  infer([x], { k }) {
    requireDType('topK', [x!], ['float32']);
    const last = x!.shape.at(-1) ?? 0;
    if (!Number.isInteger(k) || k < 1 || k > last) {
      throw new PatchslimError('INVALID_ARGUMENT', `topK(): k must be 1 to ${last}, got ${k}`, { k, last });
    }
    return { shape: [...x!.shape.slice(0, -1), k], dtype: 'int32' };
  },
};

/** Positions of the `k` largest values of the last axis, largest first; ties in order of position. */
export const topK = (x: Tensor, k: number): Tensor => apply(topKOp, [x], { k });
