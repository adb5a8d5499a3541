/** Records a function and writes an ONNX file in one call. */

import type { ProgramFunction, Specs } from '@patchslim/tensor';
import { saveModel, type SavedModel, type SaveOptions } from './onnx-file/save.js';
import type { OnnxRecorder, RecordOptions } from './recorder.js';

/** Options of `exportOnnx`: the options of recording and of saving. */
export interface ExportOptions extends RecordOptions, SaveOptions {}

/**
 * Records `fn` and writes it to `path`. The graph's inputs and outputs have the names that `fn` uses.
 *
 * @throws errors of recording and of `saveModel`
 * @example await exportOnnx(recorder, forward, { images: { shape: [1, 3, 224, 224], dtype: 'float32' } }, 'deit.onnx', { batch: 'dynamic' });
 */
export async function exportOnnx<I extends string, O extends string>(
  recorder: OnnxRecorder,
  fn: ProgramFunction<I, O>,
  inputs: Specs<I>,
  path: string,
  options: ExportOptions = {},
): Promise<SavedModel> {
  return saveModel(recorder.record(fn, inputs, options), path, options);
}
