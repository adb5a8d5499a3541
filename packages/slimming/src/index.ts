// The pipeline
export { slim, type Slimmed, type SlimOptions } from './slim.js';
export { createSlimmedModel, openSlimmed, type ClassifyOptions, type SlimmedModel } from './slimmed-model.js';
export { likeliest, type ClassGuess } from './class-guess.js';
export { createImageReader, type ImageReader, type ReadImage } from './image-reader.js';
export { slimDynamic, type SlimDynamicOptions } from './predictor/slim-dynamic.js';
export { choosePlan } from './methods/choose-plan.js';
export { type Method, type PlanningOptions, type RuntimeMethod } from './methods/method.js';
export { findMethod, findRuntimeMethod, methods, runtimeMethods } from './methods/registry.js';
export { slimAtRunTime } from './methods/slim-at-run-time.js';
export { removeJournal } from './journal.js';
export { removeNotes } from './search/notes.js';
export { slimToBudget, type SlimToBudgetOptions } from './search/slim-to-budget.js';
export { latencyOf, type LatencyRow, type LatencyTable } from './latency/latency-table.js';
export { measureLatency, type MeasureLatencyOptions } from './latency/measure-latency.js';
export { scheduleCost, type ScheduleCost } from './latency/schedule-cost.js';
export { createOracle, type AttentionMode, type Oracle, type OracleOptions } from './oracle.js';
export { scoreImages, type ScoreOptions } from './score-images.js';
export { collectFeatures, type Features, type FeatureStore } from './feature-store.js';
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

// Learning
export { learnings, findLearning, type Learning } from './learn/chosen-params.js';
export { type Objective } from './learn/objective.js';
export { readProgress, writeProgress } from './learn/progress-file.js';
export { trainNetwork, type Trained, type TrainOptions } from './learn/train-network.js';

// Recovery
export { parseRecovery, recoveryFormats } from './recover/parse-recovery.js';
export { recover } from './recover/recover.js';
export { recoverPlan, type RecoveredPlan, type RecoverPlanOptions } from './recover/recover-plan.js';
export { type Recovery, type RecoveryContext } from './recover/recovery.js';
export { blockRecovery, type BlockRecovery, type BlockRecoveryOptions } from './recover/block.js';
export { distill, type DistillOptions } from './recover/distill.js';
export { finetune, type FinetuneOptions } from './recover/finetune.js';
export { leastSquares } from './recover/least-squares.js';

// Measuring
export {
  singleBlockCurves,
  type CurveOptions,
  type CurvePoint,
  type SingleBlockCurves,
} from './single-block-curves.js';
export { type KeptRows } from './kept-rows.js';
export { keptTokens, type KeptTokensOptions } from './kept-tokens.js';
export { createInspector, type InspectedImage, type Inspector } from './inspector.js';
export {
  compareFolds,
  comparePlans,
  type ComparePlansOptions,
  type Comparison,
  type PlanFigures,
  type Fold,
} from './compare/compare-plans.js';
export { meanDivergence } from './compare/divergence.js';
export { pairedDifference, type PairedDifference } from './intervals/paired-difference.js';
export { shareInterval, type Interval } from './intervals/share-interval.js';
export { summarizePair, type AccuracyChange, type EvaluatedPair } from './intervals/accuracy-change.js';
export { compareSpeed, type SpeedOptions, type SpeedResult } from './compare-speed.js';
