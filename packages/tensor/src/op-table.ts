/** All op definitions in one explicit list, which the conformance suite, counters and documentation iterate over. */

import { geluOp, geluTanhOp, quickGeluOp, siluOp } from './composites/activations.js';
import { attentionOp, attentionProbabilitiesOp } from './composites/attention.js';
import { conv2dOp } from './composites/conv2d.js';
import { layerNormOp } from './composites/layer-norm.js';
import { fusedLinearOp, linearOp } from './composites/linear.js';
import { mergeRowsOp } from './composites/merge-rows.js';
import { meanOp, normalizeOp, varianceOp } from './composites/moments.js';
import { oneHotOp } from './composites/one-hot.js';
import { logSoftmaxOp, softmaxOp } from './composites/softmax.js';
import { unfoldOp } from './composites/unfold.js';
import type { OpDefinition, OpName } from './op.js';
import * as elementwise from './ops/elementwise.js';
import { gatherOp, scatterAddOp, topKOp } from './ops/indexing.js';
import { matMulOp } from './ops/mat-mul.js';
import * as movement from './ops/movement.js';
import { argMaxOp, cumSumOp, maxOp, sumOp } from './ops/reduction.js';

/** The definitions of all ops by name. */
export const opTable: { readonly [N in OpName]: OpDefinition<N> } = {
  reshape: movement.reshapeOp,
  transpose: movement.transposeOp,
  slice: movement.sliceOp,
  concat: movement.concatOp,
  gather: gatherOp,
  scatterAdd: scatterAddOp,
  broadcastTo: movement.broadcastToOp,
  pad: movement.padOp,
  cast: movement.castOp,
  neg: elementwise.negOp,
  exp: elementwise.expOp,
  log: elementwise.logOp,
  sqrt: elementwise.sqrtOp,
  rsqrt: elementwise.rsqrtOp,
  abs: elementwise.absOp,
  erf: elementwise.erfOp,
  tanh: elementwise.tanhOp,
  sigmoid: elementwise.sigmoidOp,
  add: elementwise.addOp,
  sub: elementwise.subOp,
  mul: elementwise.mulOp,
  div: elementwise.divOp,
  maximum: elementwise.maximumOp,
  minimum: elementwise.minimumOp,
  pow: elementwise.powOp,
  greater: elementwise.greaterOp,
  equal: elementwise.equalOp,
  where: elementwise.whereOp,
  sum: sumOp,
  max: maxOp,
  argMax: argMaxOp,
  topK: topKOp,
  cumSum: cumSumOp,
  matMul: matMulOp,
  linear: linearOp,
  fusedLinear: fusedLinearOp,
  softmax: softmaxOp,
  logSoftmax: logSoftmaxOp,
  mean: meanOp,
  variance: varianceOp,
  normalize: normalizeOp,
  layerNorm: layerNormOp,
  gelu: geluOp,
  geluTanh: geluTanhOp,
  quickGelu: quickGeluOp,
  silu: siluOp,
  oneHot: oneHotOp,
  mergeRows: mergeRowsOp,
  attentionProbabilities: attentionProbabilitiesOp,
  attention: attentionOp,
  unfold: unfoldOp,
  conv2d: conv2dOp,
};
