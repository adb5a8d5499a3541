/** The backends that run in Node without special hardware. */

import { createOnnxBackend, createOnnxWebBackend } from '@patchslim/backend-onnx';
import { createCpuBackend } from '@patchslim/backend-tfjs/cpu';
import { createWasmBackend } from '@patchslim/backend-tfjs/wasm';
import { createReferenceBackend } from '@patchslim/tensor/reference';
import type { NamedBackend } from './named-backend.js';

export const nodeBackends: readonly NamedBackend[] = [
  ['reference', () => Promise.resolve(createReferenceBackend())],
  ['native ONNX Runtime', () => createOnnxBackend({ threads: 1 })],
  ['native ONNX Runtime, portable form', () => createOnnxBackend({ threads: 1, form: 'portable' })],
  ['onnxruntime-web wasm', () => createOnnxWebBackend({ provider: 'wasm', threads: 1 })],
  ['tfjs cpu', () => createCpuBackend()],
  ['tfjs wasm', () => createWasmBackend()],
];
