/** Every backend of patchslim, by name. Opening a backend loads its runtime; listing them loads nothing. */

import type { GpuDevice } from '@patchslim/backend-tfjs/webgpu';
import { PatchslimError, type Backend } from '@patchslim/tensor';
import { isNode } from '@patchslim/tensor/files';
import { vulkanProblem } from './vulkan.js';

/** Options for opening backends; each backend uses the ones that apply to it. */
export interface BackendOptions {
  /**
   * Returns the GPU device for `tfjs-webgpu`, or in a browser for `webgpu`. The device stays the caller's and open. By default
   * the backend requests its own device.
   */
  readonly requestDevice?: (() => Promise<GpuDevice>) | undefined;
  /** Threads of `native`, and of `wasm`, where they are fixed for one page. Defaults: the README of `@patchslim/backend-onnx`. */
  readonly threads?: number | undefined;
  /** Folder of the .wasm files, ending in `/`, for the WebAssembly backends. */
  readonly wasmPaths?: string | undefined;
}

/** A backend that can be opened by name. */
export interface BackendChoice {
  readonly name: string;
  readonly description: string;
  /** @throws `BACKEND_UNAVAILABLE` with the reason and the remedy */
  readonly open: (options?: BackendOptions) => Promise<Backend>;
}

const inNode = isNode();

/** A choice for Node; elsewhere it rejects. */
const nodeOnly =
  (name: string, open: BackendChoice['open']): BackendChoice['open'] =>
  (options) =>
    inNode
      ? open(options)
      : Promise.reject(new PatchslimError('BACKEND_UNAVAILABLE', `${name} runs in Node, not in a browser`));

/** A choice that needs a GPU in Node. */
function onGpuOfNode(name: string, open: () => Promise<Backend>): Promise<Backend> {
  const problem = vulkanProblem();
  if (problem === undefined) return open();
  return Promise.reject(
    new PatchslimError(
      'BACKEND_UNAVAILABLE',
      `${name} failed to start: ${problem}; it needs a GPU and its driver (on Linux Vulkan: libvulkan.so.1)`,
    ),
  );
}

const onnx =
  (provider: 'cpu' | 'webgpu' | 'cuda') =>
  async ({ threads }: BackendOptions = {}): Promise<Backend> =>
    (await import('@patchslim/backend-onnx')).createOnnxBackend({ provider, threads });

const onnxWasm = async ({ threads, wasmPaths }: BackendOptions = {}): Promise<Backend> =>
  (await import('@patchslim/backend-onnx')).createOnnxWebBackend({ provider: 'wasm', threads, wasmPaths });

const onnxWebGpu = async ({ requestDevice, wasmPaths }: BackendOptions = {}): Promise<Backend> => {
  const { createOnnxWebBackend } = await import('@patchslim/backend-onnx');
  return createOnnxWebBackend({ provider: 'webgpu', device: await requestDevice?.(), wasmPaths });
};

const tfjsWebGpu = async (requestDevice?: BackendOptions['requestDevice']): Promise<Backend> =>
  (await import('@patchslim/backend-tfjs/webgpu-node')).createWebGpuNodeBackend({
    device: await requestDevice?.(),
  });

/** Ordered by reliability and speed on an ordinary machine; the command line uses the first by default. */
export const backendChoices: readonly BackendChoice[] = [
  { name: 'native', description: 'ONNX Runtime on the CPU, in Node', open: nodeOnly('native', onnx('cpu')) },
  {
    name: 'webgpu',
    description: 'ONNX Runtime on the GPU through WebGPU',
    open: inNode ? () => onGpuOfNode('webgpu', onnx('webgpu')) : onnxWebGpu,
  },
  { name: 'cuda', description: 'ONNX Runtime on CUDA, in Node', open: nodeOnly('cuda', onnx('cuda')) },
  { name: 'wasm', description: 'ONNX Runtime in WebAssembly', open: onnxWasm },
  {
    name: 'tfjs-node-gpu',
    description: 'TensorFlow.js on CUDA through libtensorflow, in Node',
    open: nodeOnly('tfjs-node-gpu', async () =>
      (await import('@patchslim/backend-tfjs/node-gpu')).createNodeGpuBackend(),
    ),
  },
  {
    name: 'tfjs-node',
    description: 'TensorFlow.js on the CPU through libtensorflow, in Node',
    open: nodeOnly('tfjs-node', async () =>
      (await import('@patchslim/backend-tfjs/node')).createNodeBackend(),
    ),
  },
  {
    name: 'tfjs-webgpu',
    description: 'TensorFlow.js on the GPU through WebGPU, in Node through Dawn',
    open: inNode
      ? ({ requestDevice } = {}) =>
          requestDevice ? tfjsWebGpu(requestDevice) : onGpuOfNode('tfjs-webgpu', tfjsWebGpu)
      : async ({ requestDevice } = {}) =>
          (await import('@patchslim/backend-tfjs/webgpu')).createWebGpuBackend({
            device: await requestDevice?.(),
          }),
  },
  {
    name: 'tfjs-wasm',
    description: 'TensorFlow.js in WebAssembly',
    open: async ({ wasmPaths } = {}) =>
      (await import('@patchslim/backend-tfjs/wasm')).createWasmBackend({ wasmPaths }),
  },
  {
    name: 'tfjs-cpu',
    description: 'TensorFlow.js in plain JavaScript',
    open: async () => (await import('@patchslim/backend-tfjs/cpu')).createCpuBackend(),
  },
  {
    name: 'reference',
    description: 'float64 in plain JavaScript: slow, for checking',
    open: async () => (await import('@patchslim/tensor/reference')).createReferenceBackend(),
  },
];
