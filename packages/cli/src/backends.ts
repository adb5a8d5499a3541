/** The backends that the command can run on, by name. */

import { createOnnxBackend, type OnnxBackend } from '@patchslim/backend-onnx';
import { findByName, type Backend } from '@patchslim/tensor';
import { createReferenceBackend } from '@patchslim/tensor/reference';

export interface BackendChoice {
  readonly name: string;
  readonly description: string;
  readonly open: () => Promise<Backend>;
}

const onnx = (provider: 'cpu' | 'webgpu' | 'cuda') => (): Promise<OnnxBackend> =>
  createOnnxBackend({ provider });

/** In order of trust: the first is the default. */
export const backendChoices: readonly BackendChoice[] = [
  { name: 'native', description: 'ONNX Runtime on the CPU', open: onnx('cpu') },
  { name: 'webgpu', description: 'ONNX Runtime on the GPU through WebGPU (Dawn)', open: onnx('webgpu') },
  { name: 'cuda', description: 'ONNX Runtime on CUDA', open: onnx('cuda') },
  {
    name: 'reference',
    description: 'float64 in plain JavaScript: slow, for checking',
    open: () => Promise.resolve(createReferenceBackend()),
  },
];

/** @throws UNKNOWN_NAME, BACKEND_UNAVAILABLE */
export const openBackend = (name: string): Promise<Backend> =>
  findByName(backendChoices, name, 'backend').open();
