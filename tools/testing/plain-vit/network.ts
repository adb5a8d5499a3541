/**
 * Architecture, weights and plans as the plain-loop oracle reads them: the shapes of `VitConfig`, `VitParams` and `BlockPlan` of
 * `@patchslim/vit-models`, which is what the oracle checks and so imports nothing from.
 */

/** An architecture. What the fields mean is documented in `VitConfig`. */
export interface PlainConfig {
  readonly imageSize: number;
  readonly patchSize: number;
  readonly width: number;
  readonly heads: number;
  readonly layerNormEps: number;
  readonly prefix?: readonly ('class' | 'distillation' | 'register')[];
  readonly positions?: 'all' | 'patches' | 'none';
  readonly rope?: 'none' | 'half' | 'interleaved';
  readonly mlp?: 'plain' | 'gated';
  readonly activation?: 'gelu' | 'gelu-tanh' | 'quick-gelu' | 'silu';
  readonly residualScale?: number;
  readonly pool?: 'class' | 'mean' | 'class-mean' | 'attention' | 'class-patches';
  readonly lastNorm?: 'tokens' | 'pooled' | 'none';
}

/** A tensor in row-major order. */
export interface PlainTensor {
  readonly shape: readonly number[];
  readonly data: ArrayLike<number>;
}

/** `x W + b`; the weight is `[in, out]`. */
export interface PlainLinear {
  readonly weight: PlainTensor;
  readonly bias?: PlainTensor;
}

export interface PlainNorm {
  readonly gamma: PlainTensor;
  readonly beta: PlainTensor;
}

export interface PlainMlp {
  readonly gate?: PlainLinear;
  readonly mlp1: PlainLinear;
  readonly mlpNorm?: PlainNorm;
  readonly mlp2: PlainLinear;
}

export interface PlainBlockParams extends PlainMlp {
  readonly norm1: PlainNorm;
  readonly query: PlainLinear;
  readonly key: PlainLinear;
  readonly value: PlainLinear;
  readonly relativePositions?: PlainTensor;
  readonly attentionNorm?: PlainNorm;
  readonly projection: PlainLinear;
  readonly scale1?: PlainTensor;
  readonly norm2: PlainNorm;
  readonly scale2?: PlainTensor;
}

export interface PlainPool extends PlainMlp {
  readonly probe: PlainTensor;
  readonly query: PlainLinear;
  readonly key: PlainLinear;
  readonly value: PlainLinear;
  readonly projection: PlainLinear;
  readonly norm: PlainNorm;
}

export interface PlainParams {
  readonly patches: PlainLinear;
  readonly prefix: {
    readonly class?: PlainTensor;
    readonly distillation?: PlainTensor;
    readonly registers?: PlainTensor;
  };
  readonly positions?: PlainTensor;
  readonly preNorm?: PlainNorm;
  readonly blocks: readonly PlainBlockParams[];
  readonly norm?: PlainNorm;
  readonly pool?: PlainPool;
  readonly head?: PlainLinear;
  readonly distilledHead?: PlainLinear;
  readonly patchHead?: PlainLinear;
}

/** One block of a plan. */
export type PlainEntry =
  | { readonly kind: 'dense' }
  | { readonly kind: 'keep'; readonly keep: readonly number[]; readonly keys: 'compact' | 'all' }
  | { readonly kind: 'reduce'; readonly count: number; readonly reducer: PlainReducerData };

/** A reducer by its name, with its options. */
export interface PlainReducerData {
  readonly name: string;
  readonly options: Readonly<Record<string, unknown>>;
}

/** The prefix tokens; a network has a class token unless it says otherwise. */
export const prefixOf = ({ prefix = ['class'] }: PlainConfig) => prefix;

/** Patches along one side. */
export const sideOf = ({ imageSize, patchSize }: PlainConfig): number => Math.floor(imageSize / patchSize);
