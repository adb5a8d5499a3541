/** A kernel of this backend: it appends the nodes of one op call and returns the result. */

import type { OpAttrs, OpName, PrimitiveName, TensorSpec } from '@patchslim/tensor';
import type { FixedValue } from '../graph.js';
import type { Writer } from '../writer.js';

/** `inputs` and `attrs` are already checked; `output` is the required shape and dtype of the result. */
export type Emit<N extends OpName> = (
  write: Writer,
  inputs: readonly FixedValue[],
  attrs: OpAttrs[N],
  output: TensorSpec,
) => FixedValue;

/** A kernel of a composite: it returns undefined for a call that it leaves to the decomposition. */
export type EmitSome<N extends OpName> = (...call: Parameters<Emit<N>>) => FixedValue | undefined;

export type Emits<N extends OpName> = { readonly [K in N]: K extends PrimitiveName ? Emit<K> : EmitSome<K> };
