/** Composite ops with an ONNX operator, per form. The tensor interface decomposes the others. */

import { float32, type CompositeAttrs } from '@patchslim/tensor';
import { float, int, ints, type FixedValue } from '../graph.js';
import type { Writer } from '../writer.js';
import type { Emit, EmitSome, Emits } from './emit.js';
import { fusedMatrix, matrix } from './matrix.js';
import { mergeRowsBy } from './merge-rows.js';

const everywhere: Emits<'softmax' | 'layerNorm' | 'conv2d'> = {
  softmax: (write, inputs, { axis }, output) => write.node('Softmax', inputs, output, { axis: int(axis) }),

  layerNorm: (write, inputs, { epsilon }, output) =>
    write.node('LayerNormalization', inputs, output, { axis: int(-1), epsilon: float(epsilon) }),

  conv2d(write, inputs, { stride, padding }, output) {
    const strides = ints([stride, stride]);
    return write.node('Conv', inputs, output, { strides, pads: ints([padding, padding, padding, padding]) });
  },
};

/** Vectors up to this length are zero to `normalize`, if its epsilon is no larger. */
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

/** Standard operators only. */
export const portableComposites: Emits<
  keyof typeof everywhere | keyof typeof onProcessors | 'gelu' | 'attentionProbabilities' | 'mergeRows'
> = {
  ...everywhere,
  ...onProcessors,
  attentionProbabilities: ofOneQuery(matrix.matMul),
  mergeRows: mergeRowsBy(matrix.matMul),
  // ONNX Runtime fuses this order of factors into one Gelu.
  gelu(write, [x], _, output) {
    const phi = write.node('Erf', [write.node('Div', [x, write.scalar(Math.SQRT2)], output)], output);
    const twice = write.node('Mul', [x, write.node('Add', [phi, write.scalar(1)], output)], output);
    return write.node('Mul', [twice, write.scalar(0.5)], output);
  },
};

/** With ONNX Runtime's own operators that WebGPU supports. */
export const webgpuComposites: Emits<
  keyof typeof everywhere | 'gelu' | 'geluTanh' | 'quickGelu' | 'silu' | 'attention'
> = {
  ...everywhere,
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
  ...webgpuComposites,
  ...onProcessors,
  attentionProbabilities: ofOneQuery(fusedMatrix.matMul),
  mergeRows: mergeRowsBy(fusedMatrix.matMul),
};

/**
 * Attention of one query, as of the class token. A copy of the query for each head, zero in the other heads, multiplies the
 * keys as they are: heads need no transposes.
 */
function ofOneQuery(matMul: Emit<'matMul'>): EmitSome<'attentionProbabilities'> {
  return (write, [query, key, bias], attrs, output) => {
    const [batch, queries, width] = query!.shape as [number, number, number];
    if (queries !== 1) return undefined;
    const perHead = { dtype: 'float32', shape: [batch, attrs.heads, width] } as const;
    const mask = write.shared(`heads ${attrs.heads} of ${width} by ${attrs.scale}`, () =>
      headMask(width, attrs),
    );
    const copies = write.node('Mul', [query, mask], perHead);
    const rows = { dtype: 'float32', shape: [batch, attrs.heads, key!.shape[1]!] } as const;
    const products = matMul(write, [copies, key!], { transposeA: false, transposeB: true }, rows);
    const split = write.reshape(products, output.shape);
    const biased = bias ? write.node('Add', [split, bias], output) : split;
    return write.node('Softmax', [biased], output, { axis: int(-1) });
  };
}

/** `[heads, width]`: the scale where a channel belongs to the head, else 0. */
function headMask(width: number, { heads, scale }: CompositeAttrs['attention']) {
  const mask = new Float32Array(heads * width);
  const headWidth = width / heads;
  for (let head = 0; head < heads; head++) {
    mask.fill(scale, head * (width + headWidth), head * (width + headWidth) + headWidth);
  }
  return float32([heads, width], mask);
}

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
