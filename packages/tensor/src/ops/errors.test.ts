/** Errors of the ops: the code, and a message with the function and the expected and actual inputs. */

import { expect, it } from 'vitest';
import { isPatchslimError } from '../errors.js';
import * as t from '../index.js';
import { bool, float32, int32, type DType, type ErrorCode, type Shape, type Tensor } from '../index.js';
import { createReferenceBackend } from '../reference/index.js';

const backend = createReferenceBackend();

function of(shape: Shape, dtype: DType = 'float32'): Tensor {
  const values = new Array<number>(t.sizeOf(shape)).fill(1);
  return backend.constant({ float32, int32, bool }[dtype](shape, values));
}

const [vector, matrix, cube] = [of([3]), of([2, 3]), of([2, 3, 4])];
const [whole, truth] = [of([2, 3], 'int32'), of([2, 3], 'bool')];
const indices = of([2], 'int32');

const refusals: readonly (readonly [ErrorCode, string, () => unknown])[] = [
  ['SHAPE_MISMATCH', 'reshape(): 4 elements for [4], got float32[2,3]', () => t.reshape(matrix, [4])],
  [
    'SHAPE_MISMATCH',
    'reshape(): a multiple of 4 elements for [-1,4], got float32[2,3]',
    () => t.reshape(matrix, [-1, 4]),
  ],
  ['INVALID_ARGUMENT', 'reshape(): at most one -1, got [-1,-1]', () => t.reshape(matrix, [-1, -1])],
  [
    'INVALID_ARGUMENT',
    'reshape(): dimensions must be whole numbers from 0, got [-2,-3]',
    () => t.reshape(matrix, [-2, -3]),
  ],
  [
    'SHAPE_MISMATCH',
    'transpose(): a permutation of all axes ([0,0] is none), got float32[2,3]',
    () => t.transpose(matrix, [0, 0]),
  ],
  ['SHAPE_MISMATCH', '([1,0] is none), got float32[2,3,4]', () => t.transpose(cube, [1, 0])],
  [
    'SHAPE_MISMATCH',
    'slice(): a box from [0,2] of size [1,2] inside the tensor, got float32[2,3]',
    () => t.slice(matrix, [0, 2], [1, 2]),
  ],
  ['SHAPE_MISMATCH', 'slice(): a box from [-1,0]', () => t.slice(matrix, [-1, 0], [1, 1])],
  ['SHAPE_MISMATCH', 'slice(): a box from [0.5,0]', () => t.slice(matrix, [0.5, 0], [1, 1])],
  ['SHAPE_MISMATCH', 'slice(): a box from [0]', () => t.slice(matrix, [0], [1])],
  [
    'SHAPE_MISMATCH',
    'concat(): shapes that differ in axis 0 only, got float32[2,3], float32[2,3,4]',
    () => t.concat([matrix, cube], 0),
  ],
  [
    'SHAPE_MISMATCH',
    'concat(): shapes that differ in axis 1 only, got float32[2,3], float32[3,3]',
    () => t.concat([matrix, of([3, 3])], 1),
  ],
  ['DTYPE_MISMATCH', 'concat(): dtypes differ: float32[2,3], int32[2,3]', () => t.concat([matrix, whole], 0)],
  ['INVALID_ARGUMENT', 'concat(): needs at least one tensor', () => t.concat([], 0)],
  ['INVALID_ARGUMENT', 'concat(): axis 2 is outside a tensor of rank 2', () => t.concat([matrix], 2)],
  [
    'SHAPE_MISMATCH',
    'broadcastTo(): a shape that broadcasts to [3], got float32[2,3]',
    () => t.broadcastTo(matrix, [3]),
  ],
  [
    'INVALID_ARGUMENT',
    'broadcastTo(): dimensions must be whole numbers from 0, got [-3]',
    () => t.broadcastTo(of([1]), [-3]),
  ],
  ['SHAPE_MISMATCH', 'pad(): one padding per axis and side, got float32[2,3]', () => t.pad(matrix, [1], [1])],
  [
    'INVALID_ARGUMENT',
    'pad(): paddings must be whole numbers from 0, got [0,0,0,-1]',
    () => t.pad(matrix, [0, 0], [0, -1]),
  ],
  ['DTYPE_MISMATCH', 'exp(): expected float32, got int32[2,3]', () => t.exp(whole)],
  ['DTYPE_MISMATCH', 'neg(): expected float32, got bool[2,3]', () => t.neg(truth)],
  [
    'SHAPE_MISMATCH',
    'add(): shapes that broadcast, got float32[2,3], float32[2]',
    () => t.add(matrix, of([2])),
  ],
  ['DTYPE_MISMATCH', 'add(): dtypes differ: float32[2,3], int32[2,3]', () => t.add(matrix, whole)],
  ['DTYPE_MISMATCH', 'mul(): expected float32 or int32, got bool[2,3]', () => t.mul(truth, truth)],
  ['DTYPE_MISMATCH', 'div(): expected float32, got int32[2,3]', () => t.div(whole, 2)],
  ['INVALID_ARGUMENT', 'a number beside int32[2,3] must be whole, got 0.5', () => t.add(whole, 0.5)],
  ['DTYPE_MISMATCH', 'where(): expected bool, got float32[2,3]', () => t.where(matrix, matrix, matrix)],
  ['DTYPE_MISMATCH', 'where(): dtypes differ: float32[2,3], int32[2,3]', () => t.where(truth, matrix, whole)],
  ['SHAPE_MISMATCH', 'where(): shapes that broadcast', () => t.where(truth, matrix, of([2]))],
  ['DTYPE_MISMATCH', 'gather(): expected int32, got float32[3]', () => t.gather(matrix, vector, 1)],
  [
    'SHAPE_MISMATCH',
    'gather(): indices of rank 2 with batchDims 1, got float32[2,3], int32[2]',
    () => t.gather(matrix, indices, 1, 1),
  ],
  [
    'SHAPE_MISMATCH',
    'gather(): one row of indices per batch element and an axis after the batch',
    () => t.gather(matrix, of([3, 1], 'int32'), 1, 1),
  ],
  ['SHAPE_MISMATCH', 'and an axis after the batch', () => t.gather(matrix, of([2, 1], 'int32'), 0, 1)],
  ['INVALID_ARGUMENT', 'gather(): axis 2 is outside a tensor of rank 2', () => t.gather(matrix, indices, 2)],
  [
    'SHAPE_MISMATCH',
    'scatterAdd(): updates of shape [2,2], got float32[2,3], int32[2], float32[3]',
    () => t.scatterAdd(matrix, indices, vector, 1),
  ],
  [
    'DTYPE_MISMATCH',
    'scatterAdd(): expected float32 or int32, got bool[2,3]',
    () => t.scatterAdd(truth, indices, truth, 0),
  ],
  ['INVALID_ARGUMENT', 'topK(): k must be 1 to 3, got 4', () => t.topK(matrix, 4)],
  ['INVALID_ARGUMENT', 'topK(): k must be 1 to 3, got 0', () => t.topK(matrix, 0)],
  ['DTYPE_MISMATCH', 'topK(): expected float32, got int32[2,3]', () => t.topK(whole, 1)],
  ['INVALID_ARGUMENT', 'sum(): axis -3 is outside a tensor of rank 2', () => t.sum(matrix, -3)],
  ['INVALID_ARGUMENT', 'sum(): an axis twice in [0,-2]', () => t.sum(matrix, [0, -2])],
  ['DTYPE_MISMATCH', 'max(): expected float32 or int32, got bool[2,3]', () => t.max(truth)],
  ['DTYPE_MISMATCH', 'argMax(): expected float32, got int32[2,3]', () => t.argMax(whole)],
  ['INVALID_ARGUMENT', 'argMax(): axis -1 is outside a tensor of rank 0', () => t.argMax(of([]))],
  ['DTYPE_MISMATCH', 'cumSum(): expected float32 or int32, got bool[2,3]', () => t.cumSum(truth)],
  [
    'SHAPE_MISMATCH',
    'matMul(): tensors of rank 2 or more, got float32[2,3], float32[3]',
    () => t.matMul(matrix, vector),
  ],
  ['SHAPE_MISMATCH', 'matMul(): inner dimensions that agree (3 and 2)', () => t.matMul(matrix, matrix)],
  [
    'SHAPE_MISMATCH',
    'and batches that broadcast, got float32[2,1,1], float32[3,1,1]',
    () => t.matMul(of([2, 1, 1]), of([3, 1, 1])),
  ],
  ['DTYPE_MISMATCH', 'matMul(): expected float32, got int32[2,3]', () => t.matMul(whole, whole)],
  [
    'SHAPE_MISMATCH',
    'linear(): a weight [in, out], got float32[2,3], float32[3]',
    () => t.linear(matrix, vector),
  ],
  [
    'SHAPE_MISMATCH',
    'linear(): a bias [4], got float32[2,3], float32[3,4], float32[3]',
    () => t.linear(matrix, of([3, 4]), vector),
  ],
  [
    'SHAPE_MISMATCH',
    'linear(): a residual float32[2,4], got float32[2,3], float32[3,4], float32[4]',
    () => t.linear(matrix, of([3, 4]), undefined, { residual: of([4]) }),
  ],
  ['DTYPE_MISMATCH', 'softmax(): expected float32, got int32[2,3]', () => t.softmax(whole)],
  ['INVALID_ARGUMENT', 'logSoftmax(): axis 5 is outside a tensor of rank 2', () => t.logSoftmax(matrix, 5)],
  ['DTYPE_MISMATCH', 'mean(): expected float32, got int32[2,3]', () => t.mean(whole)],
  ['DTYPE_MISMATCH', 'variance(): expected float32, got int32[2,3]', () => t.variance(whole)],
  ['DTYPE_MISMATCH', 'normalize(): expected float32, got int32[2,3]', () => t.normalize(whole)],
  [
    'SHAPE_MISMATCH',
    'layerNorm(): gamma and beta of shape [3], got float32[2,3], float32[2], float32[3]',
    () => t.layerNorm(matrix, of([2]), vector, 1e-6),
  ],
  ['DTYPE_MISMATCH', 'gelu(): expected float32, got int32[2,3]', () => t.gelu(whole)],
  ['DTYPE_MISMATCH', 'oneHot(): expected int32, got float32[3]', () => t.oneHot(vector, 3)],
  [
    'SHAPE_MISMATCH',
    'mergeRows(): rows [B, n, C], order [B, m], targets [B, r], weights and sizes [B, n, 1], got float32[1,2,3], int32[2,2], int32[1,1]',
    () =>
      t.mergeRows(of([1, 2, 3]), {
        order: of([2, 2], 'int32'),
        targets: of([1, 1], 'int32'),
        destinations: 1,
      }),
  ],
  [
    'SHAPE_MISMATCH',
    'int32[1,1], float32[1,3,1]',
    () =>
      t.mergeRows(
        of([1, 2, 3]),
        { order: of([1, 2], 'int32'), targets: of([1, 1], 'int32'), destinations: 1 },
        { weights: of([1, 3, 1]) },
      ),
  ],
  [
    'INVALID_ARGUMENT',
    'mergeRows(): destinations must be 1 to 1, got 2',
    () =>
      t.mergeRows(of([1, 2, 3]), {
        order: of([1, 2], 'int32'),
        targets: of([1, 1], 'int32'),
        destinations: 2,
      }),
  ],
  ['INVALID_ARGUMENT', 'oneHot(): depth must be whole numbers from 0, got [-1]', () => t.oneHot(indices, -1)],
  [
    'SHAPE_MISMATCH',
    'attention(): query [B, Nq, D] and key [B, Nk, D], got float32[2,3]',
    () => t.attention(matrix, cube, cube, 1),
  ],
  [
    'SHAPE_MISMATCH',
    'attention(): key and value of one shape',
    () => t.attention(cube, cube, of([2, 3, 2]), 1),
  ],
  [
    'INVALID_ARGUMENT',
    'attention(): width 4 does not divide into 3 heads',
    () => t.attention(cube, cube, cube, 3),
  ],
  [
    'INVALID_ARGUMENT',
    'attention(): width 4 does not divide into -2 heads',
    () => t.attention(cube, cube, cube, -2, { scale: 1 }),
  ],
  [
    'SHAPE_MISMATCH',
    'a bias that broadcasts to [B, H, Nq, Nk]',
    () => t.attentionProbabilities(cube, cube, 2, { bias: of([3, 1, 3, 3]) }),
  ],
  ['DTYPE_MISMATCH', 'silu(): expected float32, got int32[2,3]', () => t.silu(whole)],
  [
    'SHAPE_MISMATCH',
    'unfold(): images [B, C, H, W], got float32[2,3,4]',
    () => t.unfold(cube, { kernel: 1 }),
  ],
  [
    'DTYPE_MISMATCH',
    'unfold(): expected float32, got int32[1,1,2,2]',
    () => t.unfold(of([1, 1, 2, 2], 'int32'), { kernel: 1 }),
  ],
  [
    'INVALID_ARGUMENT',
    'unfold(): kernel and stride must be whole numbers from 1, padding from 0, got 2, 0 and 0',
    () => t.unfold(of([1, 1, 2, 2]), { kernel: 2, stride: 0 }),
  ],
  [
    'INVALID_ARGUMENT',
    'padding from 0, got 2, 1 and -1',
    () => t.unfold(of([1, 1, 2, 2]), { kernel: 2, padding: -1 }),
  ],
  [
    'SHAPE_MISMATCH',
    'unfold(): images of at least 5 × 5 pixels with a padding of 1, got float32[1,1,2,9]',
    () => t.unfold(of([1, 1, 2, 9]), { kernel: 5, padding: 1 }),
  ],
  [
    'SHAPE_MISMATCH',
    'conv2d(): kernels [out, in, k, k], got float32[1,1,4,4], float32[2,1,3,2]',
    () => t.conv2d(of([1, 1, 4, 4]), of([2, 1, 3, 2])),
  ],
  [
    'SHAPE_MISMATCH',
    'conv2d(): kernels for 3 channels, got float32[1,3,4,4], float32[2,1,3,3]',
    () => t.conv2d(of([1, 3, 4, 4]), of([2, 1, 3, 3])),
  ],
  [
    'SHAPE_MISMATCH',
    'conv2d(): a bias [2], got float32[1,1,4,4], float32[2,1,3,3], float32[3]',
    () => t.conv2d(of([1, 1, 4, 4]), of([2, 1, 3, 3]), vector),
  ],
];

it.each(refusals)('%s %s', (code, message, call) => {
  let thrown: unknown;
  try {
    call();
  } catch (error) {
    thrown = error;
  }
  expect(isPatchslimError(thrown, code)).toBe(true);
  expect((thrown as Error).message).toContain(message);
});
