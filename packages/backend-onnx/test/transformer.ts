/** A vision transformer with random weights, optionally slimmed, for tests and the benchmark. */

import {
  add,
  attention,
  broadcastTo,
  concat,
  createRandom,
  float32,
  gather,
  gelu,
  layerNorm,
  linear,
  named,
  reshape,
  scatterAdd,
  sizeOf,
  slice,
  sum,
  topK,
  type Backend,
  type HostTensor,
  type Shape,
  type Tensor,
  type Tensors,
} from '@patchslim/tensor';

/** `N` tokens incl. class token, `D` width, hidden units of the MLP. */
export interface Sizes {
  readonly tokens: number;
  readonly width: number;
  readonly heads: number;
  readonly hidden: number;
  readonly blocks: number;
  readonly classes: number;
  /** Tokens that the second and later blocks keep per image, ranked at run time; all by default. */
  readonly keep?: number;
}

export const deitTiny: Sizes = { tokens: 197, width: 192, heads: 3, hidden: 768, blocks: 12, classes: 1000 };
export const small: Sizes = { tokens: 9, width: 24, heads: 3, hidden: 48, blocks: 2, classes: 5 };

/** Values between `-scale` and `scale`. */
export function random(shape: Shape, seed: number, scale = 1): HostTensor<'float32'> {
  const next = createRandom(seed);
  return float32(
    shape,
    Float32Array.from({ length: sizeOf(shape) }, () => (2 * next() - 1) * scale),
  );
}

/** Creates the weights on `backend`; the returned function maps patches `[B, N-1, D]` to logits `[B, classes]`. */
export function createTransformer(
  backend: Backend,
  sizes: Sizes,
): (inputs: Tensors<'patches'>) => Tensors<'logits'> {
  const { tokens, width, heads, hidden, blocks, classes, keep } = sizes;
  let seed = 1;
  const weight = (...shape: number[]) => backend.constant(random(shape, seed++, 0.1));
  const dense = (from: number, to: number) => ({ weight: weight(from, to), bias: weight(to) });
  const norm = () => ({ gamma: weight(width), beta: weight(width) });
  const layers = Array.from({ length: blocks }, () => ({
    norm1: norm(),
    query: dense(width, width),
    key: dense(width, width),
    value: dense(width, width),
    project: dense(width, width),
    norm2: norm(),
    up: dense(width, hidden),
    down: dense(hidden, width),
  }));
  const classToken = weight(1, 1, width);
  const position = weight(1, tokens, width);
  const finalNorm = norm();
  const head = dense(width, classes);

  type Dense = ReturnType<typeof dense>;
  const apply = (x: Tensor, layer: Dense) => linear(x, layer.weight, layer.bias);
  const normalise = (x: Tensor, { gamma, beta }: ReturnType<typeof norm>) => layerNorm(x, gamma, beta, 1e-6);

  return ({ patches }) => {
    const batch = patches.shape[0]!;
    let x = add(concat([broadcastTo(classToken, [batch, 1, width]), patches], 1), position);
    layers.forEach((layer, i) =>
      named(backend, `blocks.${i}`, () => {
        if (i === 1 && keep !== undefined) x = named(backend, 'select', () => selectTokens(x, keep));
        x = named(backend, 'attn', () => {
          const h = normalise(x, layer.norm1);
          const [query, key, value] = [apply(h, layer.query), apply(h, layer.key), apply(h, layer.value)];
          return add(x, apply(attention(query, key, value, heads), layer.project));
        });
        x = named(backend, 'mlp', () =>
          add(x, apply(gelu(apply(normalise(x, layer.norm2), layer.up)), layer.down)),
        );
      }),
    );
    return named(backend, 'head', () => {
      const first = slice(normalise(x, finalNorm), [0, 0, 0], [-1, 1, -1]);
      return { logits: apply(reshape(first, [batch, width]), head) };
    });
  };
}

/** The `keep` tokens with the largest sums, largest first, each doubled: a gather and a scatter per image. */
function selectTokens(x: Tensor, keep: number): Tensor {
  const kept = topK(sum(x, 2), keep);
  const picked = gather(x, kept, 1, 1);
  return gather(scatterAdd(x, kept, picked, 1, 1), kept, 1, 1);
}
