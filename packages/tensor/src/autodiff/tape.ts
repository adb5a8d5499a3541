/** What was computed from the tensors of interest, in order, so that it can be walked backwards. */

import type { OpAttrs, OpName } from '../op.js';
import type { Tensor } from '../tensor.js';

/** One op call that depends on a tensor of interest. */
export interface TapeEntry<N extends OpName = OpName> {
  readonly op: N;
  readonly inputs: readonly Tensor[];
  readonly attrs: OpAttrs[N];
  readonly output: Tensor;
  /** Where in the model, as set by `named`. */
  readonly path: string;
}

export interface Tape {
  /** Whether a change of `tensor` could follow from a change of the tensors of interest. */
  depends(tensor: Tensor): boolean;
  /** Whether the op has a gradient of its own; a composite without one is recorded as its parts. */
  hasGradient(op: OpName): boolean;
  record(entry: TapeEntry): void;
}
