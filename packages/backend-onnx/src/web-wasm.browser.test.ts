/** onnxruntime-web in a page: WebAssembly on threads. */

import { afterEach, describe, expect, it, vi } from 'vitest';
import { watchWasmMemory } from '../test/wasm-memory.js';
import { testWebBehaviour } from '../test/web-behaviour.js';
import { createOnnxWebBackend } from './index.js';

const heapBytes = watchWasmMemory();

describe('a page that is not cross-origin isolated', () => {
  afterEach(() => vi.unstubAllGlobals());

  it('gets an error that explains what threads need', async () => {
    vi.stubGlobal('crossOriginIsolated', false);
    await expect(createOnnxWebBackend({ threads: 2 })).rejects.toMatchObject({
      code: 'BACKEND_UNAVAILABLE',
      message: expect.stringMatching(/Cross-Origin-Opener-Policy/) as unknown,
    });
  });
});

describe('onnxruntime-web wasm in Chromium, two threads', () => {
  testWebBehaviour(() => createOnnxWebBackend({ threads: 2 }), heapBytes);
});
