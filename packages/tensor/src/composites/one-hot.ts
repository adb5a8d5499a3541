/** One-hot encoding. */

import { apply } from '../apply.js';
import { int32 } from '../host.js';
import type { OpDefinition } from '../op.js';
import { equal } from '../ops/elementwise.js';
import { cast, reshape } from '../ops/movement.js';
import { requireDType, requireLengths } from '../shapes.js';
import type { Tensor } from '../tensor.js';

export const oneHotOp: OpDefinition<'oneHot'> = {
  name: 'oneHot',
  infer([indices], { depth }) {
    requireDType('oneHot', [indices!], ['int32']);
    requireLengths('oneHot', 'depth', [depth]);
    return { shape: [...indices!.shape, depth], dtype: 'float32' };
  },
  decompose([indices], { depth }) {
    const classes = int32(
      [depth],
      Array.from({ length: depth }, (_, i) => i),
    );
    const column = reshape(indices!, [...indices!.shape, 1]);
    return cast(equal(column, indices!.backend.constant(classes)), 'float32');
  },
};

/** Indices `[…]` (int32) → `[…, depth]` (float32): 1 at the index, else 0; an index outside gives zeros. */
export const oneHot = (indices: Tensor, depth: number): Tensor => apply(oneHotOp, [indices], { depth });
