/** onnxruntime-web in Node: WebAssembly on threads. */

import { add, gather, int32, named, runOnHost } from '@patchslim/tensor';
import { describe, expect, it } from 'vitest';
import { random } from '../test/transformer.js';
import { watchWasmMemory } from '../test/wasm-memory.js';
import { testWebBehaviour } from '../test/web-behaviour.js';
import { createOnnxWebBackend, type WebProvider } from './index.js';

/** Asymmetric matchers are `any`; this one is `unknown`, for use in object literals. */
const matching = (pattern: RegExp): unknown => expect.stringMatching(pattern);
const heapBytes = watchWasmMemory();

describe('onnxruntime-web wasm in Node, two threads', () => {
  testWebBehaviour(() => createOnnxWebBackend({ threads: 2 }), heapBytes);

  it('names the path in the model where a run failed', async () => {
    const backend = await createOnnxWebBackend();
    const program = await backend.compile(
      ({ x, i }) => ({
        y: named(backend, 'blocks.3', () => named(backend, 'select', () => gather(x, i, 0))),
      }),
      { x: { shape: [4, 2], dtype: 'float32' }, i: { shape: [1], dtype: 'int32' } },
    );
    const run = runOnHost(backend, program, { x: random([4, 2], 1), i: int32([1], [9]) });
    await expect(run).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: matching(
        /^program 'x, i → y' failed in onnxruntime-web\/wasm at blocks\.3\/select\/Gather_\d+: /,
      ),
      details: { node: matching(/^blocks\.3\/select\/Gather_\d+$/) },
    });
    expect(backend.memory.liveTensors).toBe(0);
    await program.dispose();
    await backend.close();
  });

  it('refuses more constants than WebAssembly can hold', async () => {
    const backend = await createOnnxWebBackend();
    const shape = [2 ** 29];
    const weight = backend.constant({ shape, dtype: 'float32', data: new Float32Array(2 ** 29) }); // never touched
    await expect(
      backend.compile(({ x }) => ({ y: add(x, weight) }), { x: { shape: [1], dtype: 'float32' } }),
    ).rejects.toMatchObject({
      code: 'BACKEND_UNAVAILABLE',
      message: matching(/cannot hold the graph: its constants take 2147483648 bytes.*use onnxruntime-node$/),
    });
    weight.dispose();
    await backend.close();
  });

  it('keeps its initial number of threads', async () => {
    const backend = await createOnnxWebBackend({ threads: 2 });
    await expect(createOnnxWebBackend({ threads: 3 })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: matching(/already runs with 2, not 3/),
    });
    await backend.close();
  });
});

describe('a provider of onnxruntime-web', () => {
  it('that does not exist is reported with the existing ones', async () => {
    await expect(createOnnxWebBackend({ provider: 'tpu' as WebProvider })).rejects.toMatchObject({
      code: 'BACKEND_UNAVAILABLE',
      message: "onnxruntime-web has no provider 'tpu', only wasm, webgpu",
    });
  });

  it('that needs a browser says so in Node, and names the alternative for the GPU', async () => {
    await expect(createOnnxWebBackend({ provider: 'webgpu' })).rejects.toMatchObject({
      code: 'BACKEND_UNAVAILABLE',
      message: matching(
        /^onnxruntime-web\/webgpu failed to start: there is no navigator\.gpu.*createOnnxBackend/,
      ),
    });
  });
});
