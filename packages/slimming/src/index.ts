// The main job
export { slim, type Slimmed, type SlimOptions } from './slim.js';
export { defaults } from './defaults.js';
export { type Images, type JobOptions } from './job/job.js';
export { type MadePlan } from './plan-by-method.js';
export { type PlanOptions } from './request.js';
export { version } from './version.js';

// The slimmed model
export { createSlimmedModel, openSlimmed, type SlimmedModel } from './slimmed-model.js';
export { type ClassGuess, type GuessOptions } from './class-guess.js';
export { patchTokens, type BlockTokens, type PatchTokens, type PatchTokensOptions } from './patch-tokens.js';

// Methods and recoveries
export { methods, parseMethod } from './methods/methods.js';
export { type Method } from './methods/method.js';
export { patchSlimming, type PatchSlimmingOptions } from './methods/patch-slimming.js';
export { parseRecovery, recoveryFormats } from './recover/parse-recovery.js';
export { type Recovery } from './recover/recovery.js';

// Measuring
export {
  evaluate,
  predict,
  predictWithAll,
  type EvaluateOptions,
  type Evaluation,
  type Network,
  type ZeroShotOptions,
} from './evaluate.js';
export { type Predictions } from './predictions.js';
export { type ClassFigures, type ClassScores } from './head/class-figures.js';
export { type EmbeddingFigures, type Embeddings } from './head/embedding-figures.js';
export {
  parseTextEmbeddings,
  readTextEmbeddings,
  type TextEmbeddings,
  type TextEmbeddingsOptions,
} from './zero-shot/text-embeddings.js';
export { evaluatePair, summarizePair, type AccuracyChange, type EvaluatedPair } from './evaluate-pair.js';
export { compare, type Compared, type CompareOptions, type Refused } from './compare/compare.js';
export { type Comparison, type PlanFigures } from './compare/measure-plans.js';
export { compareSpeed, type SpeedOptions, type SpeedResult } from './compare-speed.js';
export { keptTokens, type KeptTokensOptions } from './kept-tokens.js';
export { type ComputedRows } from './computed-rows.js';
export {
  singleBlockCurves,
  type CurveOptions,
  type CurvePoint,
  type SingleBlockCurves,
} from './single-block-curves.js';
export { type Interval } from './intervals/share-interval.js';
export { type PairedDifference } from './intervals/paired-difference.js';

// Training a network
export { trainNetwork, type Trained, type TrainOptions } from './learn/train-network.js';
