/** A pre-norm transformer block in TensorFlow.js ops, to compare gradients and their speed. */

import type * as core from '@tensorflow/tfjs-core';

type T = core.Tensor;
interface Linear {
  readonly weight: T;
  readonly bias?: T;
}
interface Norm {
  readonly gamma: T;
  readonly beta: T;
}

/** Parameters as `@patchslim/vit-models` names them; weights are `[in, out]`. */
export interface TfjsBlockParams {
  readonly norm1: Norm;
  readonly query: Linear;
  readonly key: Linear;
  readonly value: Linear;
  readonly projection: Linear;
  readonly norm2: Norm;
  readonly mlp1: Linear;
  readonly mlp2: Linear;
}

export interface TfjsBlockOptions {
  readonly heads: number;
  readonly layerNormEps: number;
}

/** `[B, N, D] → [B, N, D]`: attention and an MLP with exact GELU, each after a norm and with a residual. */
export function tfjsBlock(
  tf: typeof core,
  params: TfjsBlockParams,
  x: T,
  { heads, layerNormEps }: TfjsBlockOptions,
): T {
  const [batch, tokens, width] = x.shape as [number, number, number];
  const norm = ({ gamma, beta }: Norm, input: T): T => {
    const { mean, variance } = tf.moments(input, -1, true);
    const normed = tf.mul(tf.sub(input, mean), tf.rsqrt(tf.add(variance, layerNormEps)));
    return tf.add(tf.mul(normed, gamma), beta);
  };
  const dense = ({ weight, bias }: Linear, input: T): T => {
    const [inputs, outputs] = weight.shape as [number, number];
    const rows = tf.reshape(input, [batch * tokens, inputs]);
    const product = tf.matMul<T>(rows, weight);
    return tf.reshape(bias ? tf.add(product, bias) : product, [batch, tokens, outputs]);
  };
  const split = (input: T): T =>
    tf.transpose(tf.reshape(input, [batch, tokens, heads, width / heads]), [0, 2, 1, 3]);
  const gelu = (input: T): T => tf.mul(tf.mul(input, 0.5), tf.add(tf.erf(tf.mul(input, Math.SQRT1_2)), 1));

  const normed = norm(params.norm1, x);
  const [query, key, value] = [params.query, params.key, params.value].map((part) =>
    split(dense(part, normed)),
  );
  const products = tf.mul(tf.matMul(query!, key!, false, true), 1 / Math.sqrt(width / heads));
  const mixed = tf.transpose(tf.matMul(tf.softmax(products), value!), [0, 2, 1, 3]);
  const middle = tf.add(x, dense(params.projection, tf.reshape(mixed, [batch, tokens, width])));
  return tf.add(middle, dense(params.mlp2, gelu(dense(params.mlp1, norm(params.norm2, middle)))));
}
