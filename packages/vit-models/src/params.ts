/** The parameters of a vision transformer as a tree, and how a checkpoint becomes tensors of a backend. */

import {
  disposeAll,
  float32,
  PatchslimError,
  scope,
  type Backend,
  type HostTensor,
  type Shape,
  type Tensor,
} from '@patchslim/tensor';
import type { Checkpoint } from './checkpoint/from-pretrained.js';
import { prefixTokens, tokenCount, type VitConfig } from './configs.js';
import type { Preprocessing } from './preprocessing.js';

/** `T` is what stands for a tensor: a `Tensor`, a gradient, a shape. */
export interface LinearParams<T> {
  /** `[in, out]`. */
  readonly weight: T;
  /** `[out]`. */
  readonly bias: T;
}

/** Parameters of a LayerNorm. */
export interface NormParams<T> {
  /** `[D]`. */
  readonly gamma: T;
  /** `[D]`. */
  readonly beta: T;
}

/** Parameters of one block. */
export interface BlockParams<T> {
  readonly norm1: NormParams<T>;
  readonly query: LinearParams<T>;
  readonly key: LinearParams<T>;
  readonly value: LinearParams<T>;
  readonly projection: LinearParams<T>;
  readonly norm2: NormParams<T>;
  readonly mlp1: LinearParams<T>;
  readonly mlp2: LinearParams<T>;
}

/** All parameters of a network, as a tree; `T` is a tensor, a host tensor or a shape. */
export interface VitParams<T> {
  /** The patch convolution as a matrix `[3 · P², D]` over pixels in channel, row, column order. */
  readonly patches: LinearParams<T>;
  /** Class token, then the distillation token if any: `[1, prefix, D]`. */
  readonly prefix: T;
  /** `[1, N, D]`. */
  readonly positions: T;
  readonly blocks: readonly BlockParams<T>[];
  readonly norm: NormParams<T>;
  readonly head: LinearParams<T>;
  /** Distilled models: the head of the distillation token. */
  readonly distilledHead?: LinearParams<T>;
}

/** What the forward pass needs: an architecture and its parameters on some backend. */
export interface VitNetwork {
  readonly config: VitConfig;
  readonly params: VitParams<Tensor>;
}

/** A checkpoint placed on a backend. A plain value; nothing ever changes it. */
export interface VitModel extends VitNetwork {
  readonly preprocessing: Preprocessing;
  /** Hash of architecture and weights: ties a plan to its model. */
  readonly fingerprint: string;
  readonly labels?: readonly string[];
  readonly backend: Backend;
}

/** Copies the parameters of a checkpoint to a backend. Free them with `disposeModel`. */
export function placeModel(backend: Backend, checkpoint: Checkpoint): VitModel {
  const { config, preprocessing, fingerprint, labels } = checkpoint;
  const host = readParams(config, checkpoint.tensors);
  return {
    config,
    preprocessing,
    fingerprint,
    ...(labels ? { labels } : {}),
    backend,
    // All of them or none: what was placed is given back when a later one is refused.
    params: scope(backend, () => mapParams(host, (tensor) => backend.constant(tensor))),
  };
}

/** Frees the parameters of a model. */
export function disposeModel(model: VitModel): void {
  disposeAll(model.params);
}

/** The parameter tree of canonical (timm) tensors. Linear weights are transposed to `[in, out]`. */
export function readParams(
  config: VitConfig,
  tensors: ReadonlyMap<string, HostTensor<'float32'>>,
): VitParams<HostTensor<'float32'>> {
  const { width, patchSize } = config;
  const get = (name: string) => {
    const tensor = tensors.get(name);
    if (!tensor)
      throw new PatchslimError('WEIGHTS_MISSING', `readParams(): ${config.name} needs '${name}'`, { name });
    return tensor;
  };
  const linear = (name: string) => ({ weight: transposed(get(`${name}.weight`)), bias: get(`${name}.bias`) });
  const norm = (name: string) => ({ gamma: get(`${name}.weight`), beta: get(`${name}.bias`) });
  const third = (name: string, part: 0 | 1 | 2) => ({
    weight: transposed(rows(get(`${name}.weight`), part * width, width)),
    bias: rows(get(`${name}.bias`), part * width, width),
  });
  const kernel = get('patch_embed.proj.weight');
  const prefix = config.distilled ? [get('cls_token'), get('dist_token')] : [get('cls_token')];
  return {
    patches: {
      weight: transposed(float32([width, 3 * patchSize ** 2], kernel.data)),
      bias: get('patch_embed.proj.bias'),
    },
    prefix: float32(
      [1, prefix.length, width],
      prefix.flatMap(({ data }) => [...data]),
    ),
    positions: get('pos_embed'),
    blocks: Array.from({ length: config.depth }, (_, i) => ({
      norm1: norm(`blocks.${i}.norm1`),
      query: third(`blocks.${i}.attn.qkv`, 0),
      key: third(`blocks.${i}.attn.qkv`, 1),
      value: third(`blocks.${i}.attn.qkv`, 2),
      projection: linear(`blocks.${i}.attn.proj`),
      norm2: norm(`blocks.${i}.norm2`),
      mlp1: linear(`blocks.${i}.mlp.fc1`),
      mlp2: linear(`blocks.${i}.mlp.fc2`),
    })),
    norm: norm('norm'),
    head: linear('head'),
    ...(config.distilled ? { distilledHead: linear('head_dist') } : {}),
  };
}

/** The shapes of all parameters of an architecture. */
export function paramShapes(config: VitConfig): VitParams<Shape> {
  const { width, mlpWidth, patchSize } = config;
  const linear = (inputs: number, outputs: number) => ({ weight: [inputs, outputs], bias: [outputs] });
  const norm = () => ({ gamma: [width], beta: [width] });
  return {
    patches: linear(3 * patchSize ** 2, width),
    prefix: [1, prefixTokens(config), width],
    positions: [1, tokenCount(config), width],
    blocks: Array.from({ length: config.depth }, () => ({
      norm1: norm(),
      query: linear(width, width),
      key: linear(width, width),
      value: linear(width, width),
      projection: linear(width, width),
      norm2: norm(),
      mlp1: linear(width, mlpWidth),
      mlp2: linear(mlpWidth, width),
    })),
    norm: norm(),
    head: linear(width, config.classes),
    ...(config.distilled ? { distilledHead: linear(width, config.classes) } : {}),
  };
}

/** What a leaf of the tree is. */
export type ParamKind = 'weight' | 'bias' | 'gamma' | 'beta' | 'prefix' | 'positions';

/** The same tree with every leaf mapped. */
export function mapParams<A, B>(params: VitParams<A>, map: (leaf: A, kind: ParamKind) => B): VitParams<B> {
  const linear = ({ weight, bias }: LinearParams<A>) => ({
    weight: map(weight, 'weight'),
    bias: map(bias, 'bias'),
  });
  const norm = ({ gamma, beta }: NormParams<A>) => ({ gamma: map(gamma, 'gamma'), beta: map(beta, 'beta') });
  return {
    patches: linear(params.patches),
    prefix: map(params.prefix, 'prefix'),
    positions: map(params.positions, 'positions'),
    blocks: params.blocks.map((block) => ({
      norm1: norm(block.norm1),
      query: linear(block.query),
      key: linear(block.key),
      value: linear(block.value),
      projection: linear(block.projection),
      norm2: norm(block.norm2),
      mlp1: linear(block.mlp1),
      mlp2: linear(block.mlp2),
    })),
    norm: norm(params.norm),
    head: linear(params.head),
    ...(params.distilledHead ? { distilledHead: linear(params.distilledHead) } : {}),
  };
}

/** `[out, in] → [in, out]`, and back. */
export function transposed({ shape, data }: HostTensor<'float32'>): HostTensor<'float32'> {
  const [outputs, inputs] = shape as [number, number];
  const result = new Float32Array(data.length);
  for (let o = 0; o < outputs; o++) {
    for (let i = 0; i < inputs; i++) result[i * outputs + o] = data[o * inputs + i]!;
  }
  return float32([inputs, outputs], result);
}

/** `count` entries of the first axis from `begin`, without a copy. */
function rows({ shape, data }: HostTensor<'float32'>, begin: number, count: number): HostTensor<'float32'> {
  const stride = data.length / shape[0]!;
  return float32([count, ...shape.slice(1)], data.subarray(begin * stride, (begin + count) * stride));
}
