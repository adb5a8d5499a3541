/** DeiT-Tiny on real images: WebAssembly gives the same accuracy and plan as native code. */

import { createOnnxBackend, createOnnxWebBackend } from '@patchslim/backend-onnx';
import { createWasmBackend } from '@patchslim/backend-tfjs/wasm';
import { requireRealData } from '@patchslim/testing';
import { expect, it } from 'vitest';
import { expectSameRealResult, openRealInputs, realResultOn } from './real-result.js';

/** Images to evaluate on: WebAssembly takes a third of a second for each. */
const evaluated = 50;

it(
  'onnxruntime-web and tfjs reach the native top-1 with WebAssembly, and give the native plan',
  { timeout: 900_000 },
  async (context) => {
    const inputs = await openRealInputs(requireRealData(context), evaluated);
    const native = await realResultOn(await createOnnxBackend(), inputs);
    expect(native.top1).toBeGreaterThan(60);
    for (const open of [() => createOnnxWebBackend({ provider: 'wasm' }), createWasmBackend]) {
      expectSameRealResult(await realResultOn(await open(), inputs), native);
    }
  },
);
