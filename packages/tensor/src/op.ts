/**
 * The op table: every op of the interface with its attributes, one line each, and the type of an op definition.
 *
 * A *primitive* has a kernel in every backend. A *composite* has one default decomposition into other ops, which is its
 * specification; a backend may add a fused kernel for it, and that kernel must pass the same conformance cases.
 */

import type { DType, Shape, TensorSpec } from './host.js';
import type { Tensor } from './tensor.js';

/** No attributes. */
export type None = Readonly<Record<never, never>>;
/** Axes are non-negative and sorted; the public functions resolve them. */
export interface Reduction {
  readonly axes: readonly number[];
  readonly keepDims: boolean;
}
/** The axis that indices select from, and whether the first axis of indices and values is the batch. */
export interface Indexing {
  readonly axis: number;
  readonly batchDims: 0 | 1;
}
/** Number of heads and scale of attention. */
export interface Heads {
  readonly heads: number;
  /** Factor on the query-key products before the softmax. */
  readonly scale: number;
}

/** Steps of a window over images, and the zeros around each image; in pixels. */
export interface WindowSteps {
  readonly stride: number;
  readonly padding: number;
}
/** Square windows with `kernel` pixels per side. */
export interface Windows extends WindowSteps {
  readonly kernel: number;
}

/** The function that a layer applies to each value of its result. */
export type Activation = 'none' | 'gelu' | 'geluTanh' | 'quickGelu' | 'silu';
/** The epilogue of a layer: everything after the product. */
export interface FusedLinear {
  readonly activation: Activation;
  /** Whether the last input is a residual. */
  readonly residual: boolean;
}

/** Attributes by primitive. */
export interface PrimitiveAttrs {
  reshape: { readonly shape: Shape };
  transpose: { readonly permutation: readonly number[] };
  slice: { readonly begin: readonly number[]; readonly size: readonly number[] };
  concat: { readonly axis: number };
  gather: Indexing;
  scatterAdd: Indexing;
  broadcastTo: { readonly shape: Shape };
  pad: { readonly before: readonly number[]; readonly after: readonly number[]; readonly value: number };
  cast: { readonly dtype: DType };
  neg: None;
  exp: None;
  log: None;
  sqrt: None;
  rsqrt: None;
  abs: None;
  erf: None;
  tanh: None;
  sigmoid: None;
  add: None;
  sub: None;
  mul: None;
  div: None;
  maximum: None;
  minimum: None;
  pow: None;
  greater: None;
  equal: None;
  where: None;
  sum: Reduction;
  max: Reduction;
  argMax: { readonly axis: number };
  topK: { readonly k: number };
  cumSum: { readonly axis: number };
  matMul: { readonly transposeA: boolean; readonly transposeB: boolean };
}

/** Attributes by composite. */
export interface CompositeAttrs {
  linear: None;
  fusedLinear: FusedLinear;
  softmax: { readonly axis: number };
  logSoftmax: { readonly axis: number };
  mean: Reduction;
  variance: Reduction;
  normalize: { readonly axis: number; readonly epsilon: number };
  layerNorm: { readonly epsilon: number };
  gelu: None;
  geluTanh: None;
  quickGelu: None;
  silu: None;
  oneHot: { readonly depth: number };
  mergeRows: { readonly destinations: number };
  attentionProbabilities: Heads;
  attention: Heads;
  unfold: Windows;
  conv2d: WindowSteps;
}

/** Primitives that compute each value from the values at the same position. */
export type ElementwiseName =
  | 'neg'
  | 'exp'
  | 'log'
  | 'sqrt'
  | 'rsqrt'
  | 'abs'
  | 'erf'
  | 'tanh'
  | 'sigmoid'
  | 'add'
  | 'sub'
  | 'mul'
  | 'div'
  | 'maximum'
  | 'minimum'
  | 'pow'
  | 'greater'
  | 'equal'
  | 'where';

/** Attributes by op. */
export type OpAttrs = PrimitiveAttrs & CompositeAttrs;
/** Ops for which every backend has a kernel. */
export type PrimitiveName = keyof PrimitiveAttrs;
/** Ops with a decomposition; a backend may have a kernel for them. */
export type CompositeName = keyof CompositeAttrs;
/** All ops. */
export type OpName = PrimitiveName | CompositeName;

/** An op, independent of the kernels of a backend. */
export interface OpDefinition<N extends OpName = OpName> {
  readonly name: N;
  /** Shape and dtype of the result; throws `SHAPE_MISMATCH`, `DTYPE_MISMATCH` or `INVALID_ARGUMENT`. */
  infer(inputs: readonly TensorSpec[], attrs: OpAttrs[N]): TensorSpec;
  /** Composites only: the op in terms of other ops. */
  decompose?(inputs: readonly Tensor[], attrs: OpAttrs[N]): Tensor;
}

/** One checked call of an op, as a kernel receives it. */
export interface OpCall<N extends OpName = OpName> {
  readonly op: N;
  readonly inputs: readonly Tensor[];
  readonly attrs: OpAttrs[N];
  readonly output: TensorSpec;
  /** Path in the model, set by `named`; empty at the top. */
  readonly path: string;
}

/** A backend's representation of a tensor: a buffer, a graph value, nothing. */
export type Handle = unknown;

/** Computes one checked call. The returned handle is released separately, even if it shares memory with an input's. */
export type Kernel<N extends OpName> = (call: OpCall<N>) => Handle;

/** The kernels of a backend: all primitives, and any composites that it computes faster. */
export type Kernels = { readonly [N in PrimitiveName]: Kernel<N> } & {
  readonly [N in CompositeName]?: Kernel<N>;
};
