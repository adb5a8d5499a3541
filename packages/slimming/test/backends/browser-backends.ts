/** The backends that run in Chromium. By day without tfjs cpu, which is the same JavaScript in Node. */

import { createOnnxWebBackend } from '@patchslim/backend-onnx';
import { createCpuBackend } from '@patchslim/backend-tfjs/cpu';
import { createWasmBackend } from '@patchslim/backend-tfjs/wasm';
import { createWebGpuBackend } from '@patchslim/backend-tfjs/webgpu';
import { nightly } from '@patchslim/testing/by-day';
import type { NamedBackend } from './named-backend.js';

const everyBackend: readonly NamedBackend[] = [
  ['onnxruntime-web wasm', () => createOnnxWebBackend({ provider: 'wasm' })],
  ['onnxruntime-web webgpu', () => createOnnxWebBackend({ provider: 'webgpu', disableCpuFallback: true })],
  ['tfjs cpu', () => createCpuBackend()],
  ['tfjs wasm', () => createWasmBackend()],
  ['tfjs webgpu', () => createWebGpuBackend()],
];
export const browserBackends = everyBackend.filter(([name]) => nightly || name !== 'tfjs cpu');

/** Whether a backend runs on the GPU. Without hardware this is a software GPU. */
export const isGpu = (name: string): boolean => name.endsWith('webgpu');
