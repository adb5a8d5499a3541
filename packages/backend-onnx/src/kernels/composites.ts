/** Composite ops with an ONNX operator, per form. The tensor interface decomposes the others. */

import { float32 } from '@patchslim/tensor';
import { float, int, ints, type FixedValue } from '../graph.js';
import type { Writer } from '../writer.js';
import type { Emit, Emits, EmitSome } from './emit.js';

const everywhere: Emits<'softmax' | 'layerNorm' | 'conv2d'> = {
  softmax: (write, inputs, { axis }, output) => write.node('Softmax', inputs, output, { axis: int(axis) }),

  layerNorm: (write, inputs, { epsilon }, output) =>
    write.node('LayerNormalization', inputs, output, { axis: int(-1), epsilon: float(epsilon) }),

  conv2d(write, inputs, { stride, padding }, output) {
    const strides = ints([stride, stride]);
    return write.node('Conv', inputs, output, { strides, pads: ints([padding, padding, padding, padding]) });
  },
};

/** `normalize` with this epsilon or a smaller one divides all vectors but those of zeros by their length. */
const smallestLength = 1e-12;

/** Standard operators that the WebGPU provider lacks. */
const onProcessors: Emits<'logSoftmax' | 'normalize'> = {
  logSoftmax: (write, inputs, { axis }, output) =>
    write.node('LogSoftmax', inputs, output, { axis: int(axis) }),

  // The operator has no epsilon; it leaves a vector of zeros as it is.
  normalize: (write, inputs, { axis, epsilon }, output) =>
    epsilon > smallestLength
      ? undefined
      : write.node('LpNormalization', inputs, output, { axis: int(axis), p: int(2) }),
};

/**
 * `normalize` by ONNX Runtime's division by the root of the mean square (RMSNorm), which takes a third of the time of
 * LpNormalization. Its name stands among the standard operators, where ONNX Runtime's own optimizer puts it.
 */
const byRootMeanSquare: EmitSome<'normalize'> = (write, [x], { axis, epsilon }, output) => {
  const width = x!.shape.at(-1)!;
  if (epsilon > smallestLength || axis !== x!.shape.length - 1 || width === 0) return undefined;
  const scale = write.shared(`rows of ${width} of length 1`, () =>
    float32([width], new Float32Array(width).fill(1 / Math.sqrt(width))),
  );
  const attributes = { axis: int(-1), epsilon: float(epsilon ** 2 / width) };
  return write.node('SimplifiedLayerNormalization', [x, scale], output, attributes);
};

/** Standard operators only. */
export const portableComposites: Emits<keyof typeof everywhere | keyof typeof onProcessors | 'gelu'> = {
  ...everywhere,
  ...onProcessors,
  // ONNX Runtime fuses this order of factors into one Gelu.
  gelu(write, [x], _, output) {
    const phi = write.node('Erf', [write.node('Div', [x, write.scalar(Math.SQRT2)], output)], output);
    const twice = write.node('Mul', [x, write.node('Add', [phi, write.scalar(1)], output)], output);
    return write.node('Mul', [twice, write.scalar(0.5)], output);
  },
};

/** With ONNX Runtime's own operators that WebGPU supports. */
export const webgpuComposites: Emits<
  keyof typeof everywhere | 'normalize' | 'gelu' | 'geluTanh' | 'quickGelu' | 'silu' | 'attention'
> = {
  ...everywhere,
  normalize: byRootMeanSquare,
  gelu: (write, inputs, _, output) => write.node('Gelu', inputs, output, {}, 'com.microsoft'),
  // FastGelu takes no scalar.
  geluTanh(write, [x], _, { dtype, shape }) {
    const rows = write.reshape(x!, shape.length === 0 ? [1] : shape);
    return write.reshape(
      write.node('FastGelu', [rows], { dtype, shape: rows.shape }, {}, 'com.microsoft'),
      shape,
    );
  },
  quickGelu: gatedBySigmoid(1.702),
  silu: gatedBySigmoid(1),

  attention(write, [query, key, value, bias], { heads, scale }, output) {
    const inputs = [query, key, value];
    if (bias)
      inputs.push(undefined, undefined, attentionBias(write, bias, [query!.shape[1]!, key!.shape[1]!]));
    const attributes = { num_heads: int(heads), scale: float(scale) };
    return write.node('MultiHeadAttention', inputs, output, attributes, 'com.microsoft');
  },
};

/** With all operators of ONNX Runtime. */
export const runtimeComposites = {
  ...onProcessors,
  ...webgpuComposites,
  normalize: (...call: Parameters<Emit<'normalize'>>) =>
    byRootMeanSquare(...call) ?? onProcessors.normalize(...call),
};

/** `x · σ(alpha · x)`. */
function gatedBySigmoid(alpha: number): Emit<'quickGelu' | 'silu'> {
  return (write, inputs, _, output) =>
    write.node('QuickGelu', inputs, output, { alpha: float(alpha) }, 'com.microsoft');
}

/** MultiHeadAttention broadcasts a bias over batch and heads, but not over queries and keys. */
function attentionBias(write: Writer, bias: FixedValue, [queries, keys]: [number, number]): FixedValue {
  const four = [...new Array<number>(4 - bias.shape.length).fill(1), ...bias.shape];
  return write.expand(write.reshape(bias, four), [four[0]!, four[1]!, queries, keys]);
}
