/** The ONNX backend: it records functions once and runs them with ONNX Runtime. */

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
  /** The form that `compile` records; by default the fastest one for the provider. */
  readonly form?: Form | undefined;
}

/** Options of `createOnnxBackend`. */
export interface OnnxBackendOptions extends NodeRuntimeOptions, FormOption {}
/** Options of `createOnnxWebBackend`. */
export interface OnnxWebBackendOptions extends WebRuntimeOptions, FormOption {}

/** Backend names, as `@patchslim/backends` opens them. */
const nodeNames: Readonly<Record<NodeProvider, string>> = { cpu: 'native', webgpu: 'webgpu', cuda: 'cuda' };

/**
 * Creates a backend on onnxruntime-node. Do not write to the host memory of constants afterwards: the backend does not copy it.
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
 * Creates a backend on onnxruntime-web: in browsers with the provider `wasm` or `webgpu`, in Node with `wasm`. Do not write
 * to the host memory of constants afterwards: the backend does not copy it.
 *
 * After the GPU device is lost, runs and `compile` throw `DEVICE_LOST`; open a new backend.
 *
 * @throws `BACKEND_UNAVAILABLE` when onnxruntime-web is not installed or the provider fails to start,
 *   `INVALID_ARGUMENT` when onnxruntime-web already runs with another number of threads
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
