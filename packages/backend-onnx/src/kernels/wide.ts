/** Moves positions in int64, as ONNX has them: a result in int32 is a Cast that only stays in the graph where it is used. */

import type { Emit, Emits } from './emit.js';
import type { PrimitiveName } from '@patchslim/tensor';

type Moving = 'reshape' | 'slice' | 'gather' | 'concat' | 'broadcastTo';

/** The same kernels; where int32 values have an int64 version, that is what they move. */
export function inInt64<K extends Emits<Moving>>(kernels: K): K {
  const wrapped = {
    reshape: wideOr(kernels.reshape),
    slice: wideOr(kernels.slice),
    concat: wideOr(kernels.concat),
    broadcastTo: wideOr(kernels.broadcastTo),
    gather: wideOr(kernels.gather, 1),
  };
  return { ...kernels, ...wrapped };
}

/** @param moved number of inputs that are moved; the others are indices. Default: all */
function wideOr<N extends PrimitiveName>(emit: Emit<N>, moved = Infinity): Emit<N> {
  return (write, inputs, attrs, output) => {
    if (output.dtype !== 'int32') return emit(write, inputs, attrs, output);
    const wide = inputs.map((input, i) => (i < moved ? write.wideOf(input) : input));
    if (wide.includes(undefined)) return emit(write, inputs, attrs, output);
    return write.narrow(emit(write, wide as typeof inputs, attrs, { ...output, dtype: 'int64' as never }));
  };
}
