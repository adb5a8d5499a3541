// Architectures and preprocessing
export * from './configs.js';
export * from './preprocessing.js';

// The network: parameters, plans, forward pass
export {
  disposeModel,
  mapParams,
  paramShapes,
  placeModel,
  readParams,
  type BlockParams,
  type LinearParams,
  type NormParams,
  type VitModel,
  type VitNetwork,
  type VitParams,
} from './params.js';
export {
  densePlan,
  losslessPlan,
  prefixPositions,
  traceTokens,
  type BlockPlan,
  type BlockTokens,
  type Keys,
} from './block-plan.js';
export { rowPicker, type BlockCapture, type CaptureKind } from './block.js';
export {
  classify,
  embed,
  forward,
  runBlocks,
  type BlockRange,
  type ForwardResult,
  type RunOptions,
  type TokenState,
} from './forward.js';
