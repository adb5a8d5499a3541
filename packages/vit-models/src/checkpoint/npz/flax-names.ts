/** Names of AugReg's arrays, and how each becomes a tensor with the name that transformers gives it, which has query, key and value apart too. */

import type { Shape } from '@patchslim/tensor';

/** What an array means. */
export interface FlaxMeaning {
  readonly name: string;
  /** Axes of the array in the order of the tensor. */
  readonly order: readonly number[];
  /** The tensor's shape from that of the reordered array. */
  readonly shape: (moved: Shape) => Shape;
}

const whole = (shape: Shape): Shape => shape;
const product = (dims: Shape): number => dims.reduce((all, dim) => all * dim, 1);
const as = (name: string, order: readonly number[], shape = whole): FlaxMeaning => ({ name, order, shape });

const outer: Readonly<Record<string, FlaxMeaning>> = {
  cls: as('embeddings.cls_token', [0, 1, 2]),
  'embedding/kernel': as('embeddings.patch_embeddings.projection.weight', [3, 2, 0, 1]),
  'embedding/bias': as('embeddings.patch_embeddings.projection.bias', [0]),
  'Transformer/posembed_input/pos_embedding': as('embeddings.position_embeddings', [0, 1, 2]),
  'Transformer/encoder_norm/scale': as('layernorm.weight', [0]),
  'Transformer/encoder_norm/bias': as('layernorm.bias', [0]),
  'head/kernel': as('classifier.weight', [1, 0]),
  'head/bias': as('classifier.bias', [0]),
};

const attention = 'MultiHeadDotProductAttention_1';

/** `[in, heads, channels]` becomes `[heads · channels, in]`. */
const inner: Readonly<Record<string, FlaxMeaning>> = {
  'LayerNorm_0/scale': as('layernorm_before.weight', [0]),
  'LayerNorm_0/bias': as('layernorm_before.bias', [0]),
  'LayerNorm_2/scale': as('layernorm_after.weight', [0]),
  'LayerNorm_2/bias': as('layernorm_after.bias', [0]),
  ...Object.fromEntries(
    ['query', 'key', 'value'].flatMap((part) => [
      [
        `${attention}/${part}/kernel`,
        as(`attention.attention.${part}.weight`, [1, 2, 0], ([h = 0, c = 0, d = 0]) => [h * c, d]),
      ],
      [
        `${attention}/${part}/bias`,
        as(`attention.attention.${part}.bias`, [0, 1], (shape) => [product(shape)]),
      ],
    ]),
  ),
  [`${attention}/out/kernel`]: as('attention.output.dense.weight', [2, 0, 1], ([d = 0, ...rest]) => [
    d,
    product(rest),
  ]),
  [`${attention}/out/bias`]: as('attention.output.dense.bias', [0]),
  'MlpBlock_3/Dense_0/kernel': as('intermediate.dense.weight', [1, 0]),
  'MlpBlock_3/Dense_0/bias': as('intermediate.dense.bias', [0]),
  'MlpBlock_3/Dense_1/kernel': as('output.dense.weight', [1, 0]),
  'MlpBlock_3/Dense_1/bias': as('output.dense.bias', [0]),
};

/** Undefined for an array that AugReg's ViT does not have. */
export function flaxMeaning(name: string): FlaxMeaning | undefined {
  if (Object.hasOwn(outer, name)) return outer[name];
  const [, block, rest = ''] = /^Transformer\/encoderblock_(\d{1,4})\/(.+)$/.exec(name) ?? [];
  if (block === undefined || !Object.hasOwn(inner, rest)) return undefined;
  const meaning = inner[rest]!;
  return { ...meaning, name: `encoder.layer.${Number(block)}.${meaning.name}` };
}
