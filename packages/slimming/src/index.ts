export { imageSet, type ImageSet } from './image-set.js';
export { slim, type SlimOptions } from './slim.js';
export { createOracle, type AttentionMode, type Oracle, type OracleOptions } from './oracle.js';
export { scoreImages, type ScoreOptions } from './score-images.js';
export { collectFeatures, type FeatureStore } from './feature-store.js';
export {
  evaluate,
  predict,
  summarizePredictions,
  type EvaluateOptions,
  type Evaluation,
  type Predictions,
} from './evaluate.js';
export { compileBatched, type BatchedProgram } from './batched-program.js';
export { version } from './version.js';
export { compareSpeed, type SpeedOptions, type SpeedResult } from './compare-speed.js';
