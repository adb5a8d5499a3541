export { defineEstimator, type Estimator, type ScoreContext } from './estimator.js';
export { estimators, findEstimator } from './registry.js';
export * from './list.js';
export { receivedAttentionScores } from './attention-received.js';
export { classAttentionScores } from './class-attention.js';
