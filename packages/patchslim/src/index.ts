// The main job
export { fromPretrained, type FromPretrainedOptions } from './from-pretrained.js';
export { openImageFolder as imageFolder, type ImageFolder } from '@patchslim/datasets';
export { slim, type Slimmed, type SlimOptions } from '@patchslim/slimming';
export { exportOnnx, type ExportedOnnx, type ExportOnnxOptions, type OnnxOutput } from './export-onnx.js';

// The slimmed model
export { createSlimmedModel, openSlimmed, type ClassGuess, type SlimmedModel } from '@patchslim/slimming';
export { formatPlan, parsePlan, type SlimPlan } from '@patchslim/slimming-schedules';

// How good it is
export {
  evaluate,
  evaluatePair,
  readTextEmbeddings,
  type EvaluatedPair,
  type Evaluation,
  type TextEmbeddings,
} from '@patchslim/slimming';

// Models and errors
export { vitPresets, type VitModel } from '@patchslim/vit-models';
export { isPatchslimError, PatchslimError } from '@patchslim/tensor';
