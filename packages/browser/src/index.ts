export {
  createSlimWorker,
  type CallOptions,
  type SlimWorker,
  type SlimWorkerOptions,
  type WorkerLike,
} from './client.js';
export {
  taskNames,
  type ClassifyRequest,
  type EmbedRequest,
  type ImagePixels,
  type Inspection,
  type InspectRequest,
  type Measurement,
  type MeasureRequest,
  type MemoryUse,
  type OpenedModel,
  type OpenRequest,
  type PatchTokensRequest,
  type PlanRequest,
  type SkippedFile,
  type SlimRequest,
  type SlimResult,
  type TaskName,
  type Tasks,
} from './tasks.js';
export { type BlockTokens, type ClassGuess } from '@patchslim/slimming';
