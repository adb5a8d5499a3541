/** Multi-head scaled dot-product attention. `B` batch, `H` heads, `Nq`/`Nk` query and key tokens, `D` width. */

import { apply } from '../apply.js';
import { PatchslimError } from '../errors.js';
import { scope } from '../memory.js';
import type { Heads, OpDefinition } from '../op.js';
import { add, mul } from '../ops/elementwise.js';
import { matMul } from '../ops/mat-mul.js';
import { reshape, transpose } from '../ops/movement.js';
import { broadcastShapes, fail, requireDType } from '../shapes.js';
import type { TensorSpec } from '../host.js';
import type { Tensor } from '../tensor.js';
import { softmax } from './softmax.js';

function checkHeads(
  op: string,
  inputs: readonly TensorSpec[],
  bias: TensorSpec | undefined,
  { heads }: Heads,
) {
  requireDType(op, inputs, ['float32']);
  const [query, key] = inputs;
  const fits = query!.shape.length === 3 && key!.shape.length === 3;
  if (!fits || query!.shape[0] !== key!.shape[0] || query!.shape[2] !== key!.shape[2]) {
    fail(op, 'query [B, Nq, D] and key [B, Nk, D]', inputs);
  }
  const [batch, queries, width] = query!.shape as [number, number, number];
  if (!Number.isInteger(heads) || heads < 1 || width % heads !== 0) {
    throw new PatchslimError(
      'INVALID_ARGUMENT',
      `${op}(): width ${width} does not divide into ${heads} heads`,
    );
  }
  const probabilities = [batch, heads, queries, key!.shape[1]!];
  const broadcast = bias && broadcastShapes(bias.shape, probabilities);
  if (bias && broadcast?.join() !== probabilities.join())
    fail(op, 'a bias that broadcasts to [B, H, Nq, Nk]', inputs);
  return probabilities;
}

export const attentionProbabilitiesOp: OpDefinition<'attentionProbabilities'> = {
  name: 'attentionProbabilities',
  infer(inputs, attrs) {
    return { shape: checkHeads('attentionProbabilities', inputs, inputs[2], attrs), dtype: 'float32' };
  },
  decompose([query, key, bias], { heads, scale }) {
    const products = matMul(mul(splitHeads(query!, heads), scale), splitHeads(key!, heads), {
      transposeB: true,
    });
    return softmax(bias ? add(products, bias) : products);
  },
};

export const attentionOp: OpDefinition<'attention'> = {
  name: 'attention',
  infer(inputs, attrs) {
    const [query, key, value, bias] = inputs;
    checkHeads('attention', inputs, bias, attrs);
    if (value!.shape.join() !== key!.shape.join()) fail('attention', 'key and value of one shape', inputs);
    return { shape: query!.shape, dtype: 'float32' };
  },
  decompose([query, key, value, bias], { heads, scale }) {
    const probabilities = attentionProbabilities(query!, key!, heads, { bias, scale });
    return mergeHeads(matMul(probabilities, splitHeads(value!, heads)));
  },
};

/** Options of attention. */
export interface AttentionOptions {
  /** Added to the scaled products before the softmax; broadcasts to `[B, H, Nq, Nk]`. */
  readonly bias?: Tensor | undefined;
  /** Factor on the products; `1 / √(D / H)` by default. */
  readonly scale?: number | undefined;
}

/** `softmax(scale · Q Kᵀ + bias)`: query `[B, Nq, D]`, key `[B, Nk, D]` → `[B, H, Nq, Nk]`. */
export function attentionProbabilities(
  query: Tensor,
  key: Tensor,
  heads: number,
  options: AttentionOptions = {},
): Tensor {
  const inputs = options.bias ? [query, key, options.bias] : [query, key];
  return apply(attentionProbabilitiesOp, inputs, { heads, scale: scaleOf(query, heads, options) });
}

/** `softmax(scale · Q Kᵀ + bias) V` per head, heads concatenated: → `[B, Nq, D]`. */
export function attention(
  query: Tensor,
  key: Tensor,
  value: Tensor,
  heads: number,
  options: AttentionOptions = {},
): Tensor {
  const inputs = options.bias ? [query, key, value, options.bias] : [query, key, value];
  return apply(attentionOp, inputs, { heads, scale: scaleOf(query, heads, options) });
}

/** `[B, N, D] → [B, H, N, D / H]`. */
export function splitHeads(x: Tensor, heads: number): Tensor {
  const [batch, tokens, width] = x.shape as [number, number, number];
  return scope(x.backend, () => transpose(reshape(x, [batch, tokens, heads, width / heads]), [0, 2, 1, 3]));
}

/** `[B, H, N, D / H] → [B, N, D]`. */
export function mergeHeads(x: Tensor): Tensor {
  const [batch, heads, tokens, headWidth] = x.shape as [number, number, number, number];
  return scope(x.backend, () => reshape(transpose(x, [0, 2, 1, 3]), [batch, tokens, heads * headWidth]));
}

function scaleOf(query: Tensor, heads: number, { scale }: AttentionOptions): number {
  return scale ?? 1 / Math.sqrt((query.shape[2] ?? 0) / heads);
}
