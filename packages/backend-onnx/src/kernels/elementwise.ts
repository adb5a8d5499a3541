/** Element-wise ops: nearly all map to one standard operator. */

import type { Emits } from './emit.js';
import type { FixedValue } from '../graph.js';
import type { Writer } from '../writer.js';
import type { ElementwiseName, TensorSpec } from '@patchslim/tensor';

const operator =
  (op: string) => (write: Writer, inputs: readonly FixedValue[], _: unknown, output: TensorSpec) =>
    write.node(op, inputs, output);

export const elementwise: Emits<ElementwiseName> = {
  neg: operator('Neg'),
  exp: operator('Exp'),
  log: operator('Log'),
  sqrt: operator('Sqrt'),
  rsqrt: (write, inputs, _, output) => write.node('Reciprocal', [write.node('Sqrt', inputs, output)], output),
  abs: operator('Abs'),
  erf: operator('Erf'),
  tanh: operator('Tanh'),
  sigmoid: operator('Sigmoid'),
  add: operator('Add'),
  sub: operator('Sub'),
  mul: operator('Mul'),
  div: operator('Div'),
  maximum: operator('Max'),
  minimum: operator('Min'),
  pow: operator('Pow'),
  greater: operator('Greater'),
  equal: operator('Equal'),
  where(write, [condition, a, b], _, output) {
    if (output.dtype !== 'bool') return write.node('Where', [condition, a, b], output);
    // ONNX Runtime has no Where for bool on the CPU.
    const [x, y] = [write.cast(a!, 'int32'), write.cast(b!, 'int32')];
    return write.cast(write.node('Where', [condition, x, y], { ...output, dtype: 'int32' }), 'bool');
  },
};
