/**
 * The tokens-to-token stem of T2T-ViT (arXiv 2101.11986): overlapping windows of pixels become tokens, which attend to each
 * other and are laid out as an image again, twice; the windows of the last image are the patches.
 */

import { linear as dense, named, reshape, transpose, unfold, type Tensor } from '@patchslim/tensor';
import type { VitConfig } from '../config.js';
import { normed } from '../layers.js';
import { linear, norm, type ParamEntry } from '../param-entry.js';
import type { LinearParams, NormParams } from '../params.js';
import type { Stem } from './stem.js';

/** Channels of a token in the stem. */
export const tokenWidth = 64;

/** The windows of the image, of the first tokens, of the second tokens; together their strides make patches of 16 pixels. */
const windows = [
  { kernel: 7, stride: 4, padding: 2 },
  { kernel: 3, stride: 2, padding: 1 },
  { kernel: 3, stride: 2, padding: 1 },
] as const;
const patchSize = 16;

/** The two layers of tokens: channels of their windows, and pixels of the image from one to the next. */
const layers = [
  { name: 'attention1', channels: 3 * 7 ** 2, pixels: 4 },
  { name: 'attention2', channels: tokenWidth * 3 ** 2, pixels: 8 },
] as const;

/** Parameters of a layer of tokens. */
export interface TokenLayer<T> {
  readonly norm1: NormParams<T>;
  readonly query: LinearParams<T>;
  readonly key: LinearParams<T>;
  readonly value: LinearParams<T>;
  readonly projection: LinearParams<T>;
  readonly norm2: NormParams<T>;
  readonly mlp1: LinearParams<T>;
  readonly mlp2: LinearParams<T>;
  /** Of the performer: `[m, 64]`. */
  readonly features?: T;
}

/** How the tokens of the stem attend to each other. */
export interface TokenAttention {
  /** Names in a checkpoint: the joined layer with the order of its rows, the projection, and both layers of the MLP. */
  readonly names: {
    readonly joined: string;
    readonly order: readonly ('query' | 'key' | 'value')[];
    readonly projection: string;
    readonly mlp1: string;
    readonly mlp2: string;
  };
  /** Whether query, key and value have biases. */
  readonly joinedBias: boolean;
  /** Parameters besides those layers. */
  params(path: string, tensor: string): ParamEntry[];
  /** Values mixed by attention, all `[B, L, 64]`. @param channels of the rows from which the queries came */
  mix(layer: TokenLayer<Tensor>, queries: Tensor, keys: Tensor, values: Tensor, channels: number): Tensor;
  /** Multiply-accumulates of `mix` for `L` tokens. */
  macs(tokens: number): number;
}

/** The stem with one kind of attention. */
export const t2tStem = (attention: TokenAttention): Stem => ({
  projection: {
    tensor: 'tokens_to_token.project',
    pattern: `[width,${tokenWidth * 3 ** 2}]`,
    patchSize: () => [patchSize, patchSize],
  },
  params: ({ width }) => [
    ...layers.flatMap(({ name, channels }) => layerParams(attention, name, channels)),
    ...linear('patches', 'tokens_to_token.project', [tokenWidth * 3 ** 2, width]),
  ],
  patches(config, { stem, patches }, images) {
    const { backend } = images;
    const last = layers.reduce((image, { name, channels }, i) => {
      const layer = stem![name] as unknown as TokenLayer<Tensor>;
      return named(backend, name, () =>
        asImage(runLayer(config, attention, layer, unfold(image, windows[i]!), channels)),
      );
    }, images);
    return named(backend, 'project', () => dense(unfold(last, windows[2]), patches.weight, patches.bias));
  },
  macs({ imageSize, width }) {
    const ofLayers = layers.map(({ channels, pixels }) => {
      const tokens = (imageSize / pixels) ** 2;
      return tokens * tokenWidth * (3 * channels + 3 * tokenWidth) + attention.macs(tokens);
    });
    const patches = (imageSize / patchSize) ** 2;
    return ofLayers.reduce((sum, macs) => sum + macs, patches * tokenWidth * 3 ** 2 * width);
  },
});

function layerParams(attention: TokenAttention, name: string, channels: number): ParamEntry[] {
  const { names, joinedBias } = attention;
  const [path, tensor] = [`stem.${name}`, `tokens_to_token.${name}`];
  const square = [tokenWidth, tokenWidth] as const;
  return [
    ...norm(`${path}.norm1`, `${tensor}.norm1`, channels),
    ...names.order.flatMap((part) =>
      linear(`${path}.${part}`, `${tensor}.${names.joined}`, [channels, tokenWidth], joinedBias),
    ),
    ...attention.params(path, tensor),
    ...linear(`${path}.projection`, `${tensor}.${names.projection}`, square),
    ...norm(`${path}.norm2`, `${tensor}.norm2`, tokenWidth),
    ...linear(`${path}.mlp1`, `${tensor}.${names.mlp1}`, square),
    ...linear(`${path}.mlp2`, `${tensor}.${names.mlp2}`, square),
  ];
}

/**
 * Windows `[B, L, C]` → tokens `[B, L, 64]`. The attention changes the width, so its residual are the values, not its input.
 */
function runLayer(
  config: VitConfig,
  attention: TokenAttention,
  layer: TokenLayer<Tensor>,
  x: Tensor,
  channels: number,
): Tensor {
  const rows = normed(config, layer.norm1, x);
  const [queries, keys, values] = [layer.query, layer.key, layer.value].map(({ weight, bias }) =>
    dense(rows, weight, bias),
  ) as [Tensor, Tensor, Tensor];
  const mixed = attention.mix(layer, queries, keys, values, channels);
  const { projection, mlp1, mlp2 } = layer;
  const attended = dense(mixed, projection.weight, projection.bias, { residual: values });
  const ready = normed(config, layer.norm2, attended);
  const hidden = dense(ready, mlp1.weight, mlp1.bias, { activation: 'gelu' });
  return dense(hidden, mlp2.weight, mlp2.bias, { residual: attended });
}

/** Tokens in reading order as an image: `[B, g², C] → [B, C, g, g]`. */
function asImage(tokens: Tensor): Tensor {
  const [batch, count, channels] = tokens.shape as [number, number, number];
  const grid = Math.sqrt(count);
  return reshape(transpose(tokens, [0, 2, 1]), [batch, channels, grid, grid]);
}
