/** The backends that run in Chromium. */

import { createOnnxWebBackend } from '@patchslim/backend-onnx';
import { createCpuBackend } from '@patchslim/backend-tfjs/cpu';
import { createWasmBackend } from '@patchslim/backend-tfjs/wasm';
import { createWebGpuBackend } from '@patchslim/backend-tfjs/webgpu';
import type { NamedBackend } from './named-backend.js';

export const browserBackends: readonly NamedBackend[] = [
  ['onnxruntime-web wasm', () => createOnnxWebBackend({ provider: 'wasm' })],
  ['onnxruntime-web webgpu', () => createOnnxWebBackend({ provider: 'webgpu', disableCpuFallback: true })],
  ['tfjs cpu', () => createCpuBackend()],
  ['tfjs wasm', () => createWasmBackend()],
  ['tfjs webgpu', () => createWebGpuBackend()],
];

/** Whether a backend runs on the GPU. Without hardware this is a software GPU. */
export const isGpu = (name: string): boolean => name.endsWith('webgpu');
