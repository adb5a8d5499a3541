/** A kernel of this backend: a few calls of tfjs. The caller frees its intermediates. */

import type { OpAttrs, OpName, TensorSpec } from '@patchslim/tensor';
import type { Tfjs, TfTensor } from '../tfjs.js';

/** `inputs` and `attrs` are already checked; `output` is the required shape and dtype of the result. */
export type Compute<N extends OpName> = (
  tf: Tfjs,
  inputs: readonly TfTensor[],
  attrs: OpAttrs[N],
  output: TensorSpec,
) => TfTensor;

export type Computes<N extends OpName> = { readonly [K in N]: Compute<K> };

/** Kernels that replace the shared tfjs kernels of some ops. */
export type OverridingComputes = { readonly [N in OpName]?: Compute<N> };
