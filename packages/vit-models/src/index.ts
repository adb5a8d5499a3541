// Architectures and preprocessing
export * from './config.js';
export * from './presets.js';
export { type Family, type FamilyPreset, type NameTable, type Origin } from './families/family.js';
export { families } from './families/list.js';
export * from './preprocessing.js';
export { cropFraction } from './crop-fraction.js';
export { describePreprocessing } from './describe-preprocessing.js';
export { presetLabels } from './labels/preset-labels.js';
export { imagenetClasses, type ImagenetClass } from './labels/imagenet-classes.js';

// The network: parameters, plans, forward pass
export {
  mapParams,
  type BiasedParams,
  type BlockParams,
  type LinearParams,
  type MlpParams,
  type NormParams,
  type PoolParams,
  type PrefixParams,
  type StemParams,
  type VitModel,
  type VitNetwork,
  type VitParams,
} from './params.js';
export { type ParamEntry, type ParamKind } from './param-entry.js';
export { canonicalParams, paramShapes, readParams } from './param-tree.js';
export { canonicalShapes, parameterCount, vitSpec } from './spec.js';
export { disposeModel, placeModel } from './model.js';
export { poolOf } from './pools/list.js';
export { type Pool } from './pools/pool.js';
export { stemOf } from './stems/list.js';
export { type Stem } from './stems/stem.js';
export {
  dependsOnImage,
  densePlan,
  losslessPlan,
  traceCounts,
  traceTokens,
  type BlockCounts,
  type BlockPlan,
  type BlockTokens,
  type Keys,
} from './block-plan.js';
export { type BlockRows, type BlockView, type Reducer, type ReducerPhase } from './reducer.js';
export { outputPositions, readsPatches } from './output-positions.js';
export { prefixRows } from './prefix-rows.js';
export { rowPicker, type RowPicker } from './row-picker.js';
export { positionsTensor, unmergeRows, type Positions, type TokenState } from './token-state.js';
export { type BlockCapture, type CaptureKind } from './block.js';
export { runOnGrid, type GridOptions, type GridResult } from './grid-tokens.js';
export {
  classify,
  embed,
  forward,
  poolTokens,
  readHeads,
  readOutputs,
  runBlocks,
  type BlockRange,
  type ForwardResult,
  type RunOptions,
} from './forward.js';

export {
  givesEmbedding,
  headActivation,
  requireClasses,
  type HeadActivation,
  type HeadConfig,
} from './head-activation.js';
export { initParams } from './init-params.js';
export { resizeParams } from './resize-params.js';

// Checkpoints
export {
  blobSource,
  bytesSource,
  fileSource,
  type ByteSource,
  type OwnBytes,
} from './checkpoint/byte-source.js';
export { checkpointOf } from './checkpoint/checkpoint-of.js';
export { type DownloadOptions } from './checkpoint/network/attempts.js';
export { download, type OpenSink, type Sink } from './checkpoint/network/download.js';
export { fingerprint, sha256 } from './checkpoint/fingerprint.js';
export { fromPretrained, type Checkpoint, type FromPretrainedOptions } from './checkpoint/from-pretrained.js';
export { readHubConfig, type HubConfig, type JsonFile, type ProblemType } from './checkpoint/hub-config.js';
export { configKeys, preprocessorKeys, timmKeys, type KeyTable, type KeyUse } from './checkpoint/hub/keys.js';
export {
  processors as imageProcessors,
  type Processor as ImageProcessor,
} from './checkpoint/hub/processors.js';
export { preprocessorConfig } from './checkpoint/hub/write-preprocessing.js';
export { inferConfig, type InferConfigOptions } from './checkpoint/infer-config.js';
export { type CheckpointSource } from './checkpoint/locate.js';
export { type RemoteOptions } from './checkpoint/locate-remote.js';
export { canonicalNames, type CanonicalNames, type NamedSource } from './checkpoint/names.js';
export { resizePositionEmbedding, type PositionEmbeddingOptions } from './checkpoint/position-embedding.js';
export { readSafetensors, type ReadSafetensorsOptions } from './checkpoint/safetensors.js';
export {
  readSafetensorsHeader,
  type SafetensorsDType,
  type SafetensorsEntry,
  type SafetensorsHeader,
} from './checkpoint/safetensors-header.js';
export { createCheckpoint, saveCheckpoint, type CheckpointParts } from './checkpoint/save-checkpoint.js';
export { type WrittenDType } from './checkpoint/encode-floats.js';
export { writeSafetensors, type WriteSafetensorsOptions } from './checkpoint/write-safetensors.js';
