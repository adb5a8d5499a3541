/** What a kernel of this backend is: a few calls of tfjs. Whatever else they allocate is freed around it. */

import type { OpAttrs, OpName, TensorSpec } from '@patchslim/tensor';
import type { Tfjs, TfTensor } from '../tfjs.js';

/** `inputs` and `attrs` are checked; `output` is the shape and dtype that the result must have. */
export type Compute<N extends OpName> = (
  tf: Tfjs,
  inputs: readonly TfTensor[],
  attrs: OpAttrs[N],
  output: TensorSpec,
) => TfTensor;

export type Computes<N extends OpName> = { readonly [K in N]: Compute<K> };

/** Kernels for some ops, in place of those that all backends of tfjs share. */
export type OverridingComputes = { readonly [N in OpName]?: Compute<N> };
