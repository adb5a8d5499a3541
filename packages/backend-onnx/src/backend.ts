/** The ONNX backend: functions are recorded once and run by ONNX Runtime. */

import type { Form } from './graph.js';
import { createProgram } from './program.js';
import { createRecordingBackend, type OnnxRecorder } from './recorder.js';
import type { NodeProvider, NodeRuntimeOptions } from './node-options.js';
import { openNodeRuntime } from './runtime-node.js';
import { openWebRuntime } from './runtime-web.js';
import type { OnnxRuntime } from './runtime.js';
import type { WebRuntimeOptions } from './web-options.js';

/** A recorder whose programs run. */
export type OnnxBackend = OnnxRecorder;

interface FormOption {
  /** What `compile` records; what the provider is fastest at when left out. */
  readonly form?: Form | undefined;
}

/** Options of `createOnnxBackend`. */
export interface OnnxBackendOptions extends NodeRuntimeOptions, FormOption {}
/** Options of `createOnnxWebBackend`. */
export interface OnnxWebBackendOptions extends WebRuntimeOptions, FormOption {}

/** A backend has the name by which `@patchslim/backends` opens it; a provider that does not exist gets none. */
const nodeNames: Readonly<Record<NodeProvider, string>> = { cpu: 'native', webgpu: 'webgpu', cuda: 'cuda' };

/**
 * A backend on onnxruntime-node. It keeps references to the host memory of constants: do not write to it afterwards.
 *
 * @throws `BACKEND_UNAVAILABLE` when onnxruntime-node is not installed or lacks the provider
 * @example
 * const backend = await createOnnxBackend();
 * const program = await backend.compile(({ x }) => ({ y: softmax(x) }), { x: { shape: [1, 4], dtype: 'float32' } });
 */
export async function createOnnxBackend(options: OnnxBackendOptions = {}): Promise<OnnxBackend> {
  const { provider = 'cpu', form = formFor(provider) } = options;
  return onRuntime(nodeNames[provider], form, await openNodeRuntime(options));
}

/**
 * A backend on onnxruntime-web: in browsers with the provider `wasm` or `webgpu`, in Node with `wasm`. It keeps
 * references to the host memory of constants: do not write to it afterwards.
 *
 * When the GPU goes away, runs and `compile` throw `DEVICE_LOST`; a backend opened anew works again.
 *
 * @throws `BACKEND_UNAVAILABLE` when onnxruntime-web is not installed or the provider does not come up,
 *   `INVALID_ARGUMENT` for another number of threads than onnxruntime-web already runs with
 * @example
 * const backend = await createOnnxWebBackend({ provider: 'webgpu' });
 */
export async function createOnnxWebBackend(options: OnnxWebBackendOptions = {}): Promise<OnnxBackend> {
  const { provider = 'wasm', form = formFor(provider) } = options;
  return onRuntime(provider, form, await openWebRuntime(options));
}

function formFor(provider: string): Form {
  return provider === 'webgpu' ? 'webgpu' : 'runtime';
}

function onRuntime(name: string, form: Form, runtime: OnnxRuntime): OnnxBackend {
  return createRecordingBackend(name, form, {
    openProgram: (backend, recorded) => createProgram(backend, runtime, recorded),
    close: () => runtime.close(),
    threads: runtime.threads,
  });
}
