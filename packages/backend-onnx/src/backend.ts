/** The ONNX backend: functions are recorded once and run by ONNX Runtime. */

import type { Form } from './graph.js';
import { createProgram } from './program.js';
import { createRecordingBackend, type OnnxRecorder } from './recorder.js';
import { openNodeRuntime, type NodeRuntimeOptions } from './runtime-node.js';

/** A recorder whose programs run. */
export type OnnxBackend = OnnxRecorder;

export interface OnnxBackendOptions extends NodeRuntimeOptions {
  /** What `compile` records; `runtime` when left out, which is the faster. */
  readonly form?: Form | undefined;
}

/**
 * A backend on onnxruntime-node. It keeps references to the host memory of constants: do not write to it afterwards.
 *
 * @throws `BACKEND_UNAVAILABLE` when onnxruntime-node is not installed or lacks the provider
 * @example
 * const backend = await createOnnxBackend();
 * const program = await backend.compile(({ x }) => ({ y: softmax(x) }), { x: { shape: [1, 4], dtype: 'float32' } });
 */
export async function createOnnxBackend(options: OnnxBackendOptions = {}): Promise<OnnxBackend> {
  const runtime = await openNodeRuntime(options);
  const name = `onnx-${options.provider ?? 'cpu'}`;
  return createRecordingBackend(name, options.form ?? 'runtime', (backend, recorded) =>
    createProgram(backend, runtime, recorded),
  );
}
