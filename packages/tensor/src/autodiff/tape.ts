/** The ops computed from the differentiated tensors, in order, for the backward pass. */

import type { OpAttrs, OpName } from '../op.js';
import type { Tensor } from '../tensor.js';

/** One op call that depends on a differentiated tensor. */
export interface TapeEntry<N extends OpName = OpName> {
  readonly op: N;
  readonly inputs: readonly Tensor[];
  readonly attrs: OpAttrs[N];
  readonly output: Tensor;
  /** Path in the model, set by `named`. */
  readonly path: string;
}

export interface Tape {
  /** Whether `tensor` depends on a differentiated tensor. */
  depends(tensor: Tensor): boolean;
  /** Whether the op has its own gradient; a composite without one is recorded as its parts. */
  hasGradient(op: OpName): boolean;
  record(entry: TapeEntry): void;
}
