/** The backends that run in Node without special hardware, but for the reference, which tests hold them against. */

import { createOnnxBackend, createOnnxWebBackend } from '@patchslim/backend-onnx';
import { createCpuBackend } from '@patchslim/backend-tfjs/cpu';
import { createWasmBackend } from '@patchslim/backend-tfjs/wasm';
import { nightly } from '@patchslim/testing/by-day';
import type { NamedBackend } from './named-backend.js';

export const nodeBackends: readonly NamedBackend[] = [
  ['native ONNX Runtime', () => createOnnxBackend({ threads: 1 })],
  ['native ONNX Runtime, portable form', () => createOnnxBackend({ threads: 1, form: 'portable' })],
  ['onnxruntime-web wasm', () => createOnnxWebBackend({ provider: 'wasm', threads: 1 })],
  ['tfjs cpu', () => createCpuBackend()],
  ['tfjs wasm', () => createWasmBackend()],
];

/** All at night; by day native ONNX Runtime and, from case to case in turn, half of the others. */
export const backendsInTurn = (index: number): readonly NamedBackend[] =>
  nodeBackends.filter((_, i) => nightly || i === 0 || i % 2 === index % 2);
