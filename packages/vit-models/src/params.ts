/** The parameters of a vision transformer as a tree, and the models that hold them. */

import type { Backend, Tensor } from '@patchslim/tensor';
import type { VitConfig } from './config.js';
import { paramKinds, type ParamKind } from './param-entry.js';
import type { Preprocessing } from './preprocessing.js';

/** `T` is what stands for a tensor: a `Tensor`, a gradient, a shape. */
export interface LinearParams<T> {
  /** `[in, out]`. */
  readonly weight: T;
  /** `[out]`; absent where the architecture has none. */
  readonly bias?: T;
}

/** A layer with a bias. */
export type BiasedParams<T> = Required<LinearParams<T>>;

/** Parameters of a LayerNorm. */
export interface NormParams<T> {
  /** `[D]`. */
  readonly gamma: T;
  /** `[D]`. */
  readonly beta: T;
}

/** Parameters of an MLP. */
export interface MlpParams<T> {
  /** Of a gated MLP: the layer whose result, through the activation, multiplies that of `mlp1`. */
  readonly gate?: BiasedParams<T>;
  readonly mlp1: BiasedParams<T>;
  /** Before `mlp2`, where the architecture has it. */
  readonly mlpNorm?: NormParams<T>;
  readonly mlp2: BiasedParams<T>;
}

/** Parameters of one block. */
export interface BlockParams<T> extends MlpParams<T> {
  readonly norm1: NormParams<T>;
  readonly query: LinearParams<T>;
  readonly key: LinearParams<T>;
  readonly value: LinearParams<T>;
  /** Attention bias by offset of two patches, `[(2 g − 1)² + 3, H]` for a grid of `g`; the last three are for prefix tokens. */
  readonly relativePositions?: T;
  /** Before the projection, where the architecture has it. */
  readonly attentionNorm?: NormParams<T>;
  readonly projection: BiasedParams<T>;
  /** LayerScale of the attention, `[D]`. */
  readonly scale1?: T;
  readonly norm2: NormParams<T>;
  /** LayerScale of the MLP, `[D]`. */
  readonly scale2?: T;
}

/** The tokens before the patches: `[1, 1, D]`, registers `[1, R, D]`. */
export interface PrefixParams<T> {
  readonly class?: T;
  readonly distillation?: T;
  readonly registers?: T;
}

/** Parameters of an attention pool: a probe that attends to all tokens, and an MLP with a residual. */
export interface PoolParams<T> extends MlpParams<T> {
  /** `[1, 1, D]`. */
  readonly probe: T;
  readonly query: BiasedParams<T>;
  readonly key: BiasedParams<T>;
  readonly value: BiasedParams<T>;
  readonly projection: BiasedParams<T>;
  readonly norm: NormParams<T>;
}

/** Layers of a stem before its patch projection, by name; a stem knows its own. */
export type StemParams<T> = Readonly<
  Record<string, Readonly<Record<string, T | Readonly<Record<string, T>>>>>
>;

/** All parameters of a network, as a tree; `T` is a tensor, a host tensor or a shape. */
export interface VitParams<T> {
  /** Absent with the plain stem. */
  readonly stem?: StemParams<T>;
  /** The patch projection as a matrix, `[3 · P², D]` in the plain stem, over pixels in channel, row, column order. */
  readonly patches: LinearParams<T>;
  readonly prefix: PrefixParams<T>;
  /** `[1, N, D]`, or of the patches alone. */
  readonly positions?: T;
  /** Before the first block, where the architecture has it. */
  readonly preNorm?: NormParams<T>;
  readonly blocks: readonly BlockParams<T>[];
  /** The last norm; absent where the architecture has none. */
  readonly norm?: NormParams<T>;
  readonly pool?: PoolParams<T>;
  /** Absent of an encoder. */
  readonly head?: LinearParams<T>;
  /** Distilled models: the head of the distillation token. */
  readonly distilledHead?: BiasedParams<T>;
  /** LV-ViT: the head of every patch. */
  readonly patchHead?: BiasedParams<T>;
}

/** An architecture and its parameters on some backend: all that the forward pass needs. */
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

/** The same tree with every leaf mapped, in the order of `vitSpec`. */
export function mapParams<A, B>(params: VitParams<A>, map: (leaf: A, kind: ParamKind) => B): VitParams<B> {
  const walk = (node: unknown, key: string): unknown => {
    if (Object.hasOwn(paramKinds, key)) return map(node as A, paramKinds[key as keyof typeof paramKinds]);
    if (Array.isArray(node)) return node.map((child: unknown) => walk(child, ''));
    return Object.fromEntries(
      Object.entries(node as object)
        .filter(([, child]) => child !== undefined)
        .map(([name, child]) => [name, walk(child, name)]),
    );
  };
  return walk(params, '') as VitParams<B>;
}
