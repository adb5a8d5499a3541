/** Every backend of patchslim, by name. Opening one loads its runtime; listing them loads nothing. */

import { PatchslimError, type Backend } from '@patchslim/tensor';
import { isNode } from '@patchslim/tensor/files';

/** A backend that can be asked for by name. */
export interface BackendChoice {
  readonly name: string;
  readonly description: string;
  /** @throws `BACKEND_UNAVAILABLE` with the reason and what to do */
  readonly open: () => Promise<Backend>;
}

const inNode = isNode();

/** A choice that only exists in Node says so elsewhere. */
const nodeOnly = (name: string, open: () => Promise<Backend>) => (): Promise<Backend> =>
  inNode
    ? open()
    : Promise.reject(new PatchslimError('BACKEND_UNAVAILABLE', `${name} runs in Node, not in a browser`));

const onnx = (provider: 'cpu' | 'webgpu' | 'cuda') => async (): Promise<Backend> =>
  (await import('@patchslim/backend-onnx')).createOnnxBackend({ provider });

const onnxWeb = (provider: 'wasm' | 'webgpu') => async (): Promise<Backend> =>
  (await import('@patchslim/backend-onnx')).createOnnxWebBackend({ provider });

/** In order of trust and speed on an ordinary machine; the first is what the command line uses. */
export const backendChoices: readonly BackendChoice[] = [
  { name: 'native', description: 'ONNX Runtime on the CPU, in Node', open: nodeOnly('native', onnx('cpu')) },
  {
    name: 'webgpu',
    description: 'ONNX Runtime on the GPU through WebGPU',
    open: inNode ? onnx('webgpu') : onnxWeb('webgpu'),
  },
  { name: 'cuda', description: 'ONNX Runtime on CUDA, in Node', open: nodeOnly('cuda', onnx('cuda')) },
  { name: 'wasm', description: 'ONNX Runtime in WebAssembly', open: onnxWeb('wasm') },
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
      ? async () => (await import('@patchslim/backend-tfjs/webgpu-node')).createWebGpuNodeBackend()
      : async () => (await import('@patchslim/backend-tfjs/webgpu')).createWebGpuBackend(),
  },
  {
    name: 'tfjs-wasm',
    description: 'TensorFlow.js in WebAssembly',
    open: async () => (await import('@patchslim/backend-tfjs/wasm')).createWasmBackend(),
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
