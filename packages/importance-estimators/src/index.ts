export { defineEstimator, type Estimator, type ScoreContext } from './estimator.js';
export { estimators, findEstimator } from './registry.js';
export * from './list.js';
