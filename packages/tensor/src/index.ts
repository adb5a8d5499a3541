// Values and errors
export * from './errors.js';
export * from './host.js';
export { toHalves } from './half.js';
export * from './progress.js';
export { createRandom, shuffled, type Random } from './random.js';
export { range } from './range.js';

// Tensors and backends
export { Tensor } from './tensor.js';
export { createBackend, named, type Backend, type BackendDriver } from './backend.js';
export { disposeAll, mapTensors, scope, tensorsIn, type Memory } from './memory.js';
export {
  checkProgramInputs,
  disposePrograms,
  mapValues,
  placeAll,
  runOnHost,
  withPrograms,
  type Program,
  type ProgramFunction,
  type Specs,
  type Tensors,
} from './program.js';

// The op table
export { opTable } from './op-table.js';
export type * from './op.js';
export { broadcastShapes, stridesOf } from './shapes.js';

// Primitive ops
export {
  abs,
  add,
  div,
  equal,
  erf,
  exp,
  greater,
  log,
  maximum,
  minimum,
  mul,
  neg,
  pow,
  rsqrt,
  sigmoid,
  sqrt,
  sub,
  tanh,
  where,
  type Operand,
} from './ops/elementwise.js';
export { broadcastTo, cast, concat, pad, reshape, slice, transpose } from './ops/movement.js';
export { gather, scatterAdd, topK } from './ops/indexing.js';
export { argMax, cumSum, max, sum, type ReduceOptions } from './ops/reduction.js';
export { matMul } from './ops/mat-mul.js';

// Gradients
export { stopGradient } from './autodiff/stop-gradient.js';
export { valueAndGrad, type ValueAndGrad } from './autodiff/value-and-grad.js';

// Composite ops
export { gelu, geluTanh, quickGelu, silu } from './composites/activations.js';
export {
  attention,
  attentionProbabilities,
  mergeHeads,
  splitHeads,
  type AttentionOptions,
} from './composites/attention.js';
export { conv2d } from './composites/conv2d.js';
export { layerNorm } from './composites/layer-norm.js';
export { linear, type Epilogue } from './composites/linear.js';
export { mergeRows, type MergedColumns, type Merging } from './composites/merge-rows.js';
export { mean, normalize, variance } from './composites/moments.js';
export { oneHot } from './composites/one-hot.js';
export { logSoftmax, softmax } from './composites/softmax.js';
export { unfold, type WindowOptions } from './composites/unfold.js';
