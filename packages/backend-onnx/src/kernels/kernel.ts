/** What a kernel of this backend is: it appends the nodes of one op call and names the result. */

import type { OpCall, OpName } from '@patchslim/tensor';
import type { GraphValue } from '../graph.js';
import type { Writer } from '../writer.js';

/** `inputs` are the graph values of `call.inputs`, in the same order. */
export type Emit<N extends OpName> = (
  write: Writer,
  inputs: readonly GraphValue[],
  call: OpCall<N>,
) => GraphValue;
