/** A small vision transformer with random weights that drops tokens: a program that uses most ops. */

import {
  add,
  attention,
  concat,
  broadcastTo,
  createRandom,
  float32,
  gather,
  gelu,
  layerNorm,
  linear,
  sizeOf,
  slice,
  softmax,
  sum,
  topK,
  type Backend,
  type HostTensor,
  type Shape,
  type Tensor,
  type Tensors,
} from '@patchslim/tensor';

/** `N` tokens incl. class token, `D` width. */
export interface Sizes {
  readonly tokens: number;
  readonly width: number;
  readonly heads: number;
  readonly blocks: number;
  readonly classes: number;
  /** Tokens that the first block keeps, ranked at run time; all by default. */
  readonly keep?: number;
}

export const small: Sizes = { tokens: 9, width: 24, heads: 3, blocks: 2, classes: 5, keep: 4 };

/** Values between `-scale` and `scale`. */
export function random(shape: Shape, seed: number, scale = 1): HostTensor<'float32'> {
  const next = createRandom(seed);
  return float32(
    shape,
    Float32Array.from({ length: sizeOf(shape) }, () => (2 * next() - 1) * scale),
  );
}

/** Creates the weights on `backend`; the returned function maps patches `[B, N-1, D]` to probabilities `[B, classes]`. */
export function createTransformer(backend: Backend, sizes: Sizes) {
  const { tokens, width, heads, blocks, classes, keep = tokens } = sizes;
  let seed = 1;
  const weight = (...shape: number[]) => backend.constant(random(shape, seed++, 0.1));
  const layers = Array.from({ length: blocks }, () => ({
    norms: [weight(width), weight(width), weight(width), weight(width)] as const,
    query: weight(width, width),
    key: weight(width, width),
    value: weight(width, width),
    project: weight(width, width),
    up: weight(width, 4 * width),
    bias: weight(4 * width),
    down: weight(4 * width, width),
  }));
  const classToken = weight(1, 1, width);
  const position = weight(1, tokens, width);
  const head = weight(width, classes);

  const blockOf = (x: Tensor, layer: (typeof layers)[number]): Tensor => {
    const [gamma1, beta1, gamma2, beta2] = layer.norms;
    const h = layerNorm(x, gamma1, beta1, 1e-6);
    const attended = attention(linear(h, layer.query), linear(h, layer.key), linear(h, layer.value), heads);
    const y = add(x, linear(attended, layer.project));
    const hidden = gelu(linear(layerNorm(y, gamma2, beta2, 1e-6), layer.up, layer.bias));
    return add(y, linear(hidden, layer.down));
  };

  return ({ patches }: Tensors<'patches'>): Tensors<'probabilities'> => {
    const batch = patches.shape[0]!;
    const embedded = add(concat([broadcastTo(classToken, [batch, 1, width]), patches], 1), position);
    const last = layers.reduce((x, layer, i) => {
      const y = blockOf(x, layer);
      return i === 0 && keep < tokens ? gather(y, topK(sum(y, 2), keep), 1, 1) : y;
    }, embedded);
    return { probabilities: softmax(linear(sum(slice(last, [0, 0, 0], [-1, 2, -1]), 1), head)) };
  };
}
