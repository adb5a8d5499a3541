// Backends
export {
  createOnnxBackend,
  createOnnxWebBackend,
  type OnnxBackend,
  type OnnxBackendOptions,
  type OnnxWebBackendOptions,
} from './backend.js';
export { createOnnxRecorder, type OnnxRecorder, type RecordOptions } from './recorder.js';
export {
  describeRuntime,
  type ProviderReport,
  type RuntimePackage,
  type RuntimeReport,
} from './describe-runtime.js';
export type { GpuDevice } from './gpu-device.js';
export type { NodeProvider, NodeRuntimeOptions } from './node-options.js';
export type { WebProvider, WebRuntimeOptions } from './web-options.js';

// Graphs
export type * from './graph.js';
export { forms } from './graph.js';
export { graphText } from './text.js';
export { weightTypes, type WeightType } from './weight-types/index.js';

// Files
export { exportOnnx, type ExportOptions } from './export.js';
export { encodeModel, type EncodedModel, type EncodeOptions } from './onnx-file/encode.js';
export { joinChunks } from './onnx-file/wire.js';
export { saveModel, type SavedModel, type SaveOptions } from './onnx-file/save.js';
