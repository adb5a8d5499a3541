/** Attention probabilities of one query, as a score by class attention asks for. */

import { float32, type OpAttrs } from '@patchslim/tensor';
import { int } from '../graph.js';
import type { Emit, EmitSome } from './emit.js';

/**
 * Attention of one query, as of the class token. A copy of the query for each head, zero in the other heads, multiplies the
 * keys as they are: heads need no transposes.
 */
export function ofOneQuery(matMul: Emit<'matMul'>): EmitSome<'attentionProbabilities'> {
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
function headMask(width: number, { heads, scale }: OpAttrs['attention']) {
  const mask = new Float32Array(heads * width);
  const headWidth = width / heads;
  for (let head = 0; head < heads; head++) {
    mask.fill(scale, head * (width + headWidth), head * (width + headWidth) + headWidth);
  }
  return float32([heads, width], mask);
}
