/**
 * DeiT-Ti with random weights. Ratios of alternating runs: the runtime form against the portable one, a program
 * against a bare ONNX Runtime session on the same bytes, and onnxruntime-web's WebAssembly against native code.
 * Arguments: batch sizes (1 and 8 by default).
 */

import { disposeAll } from '@patchslim/tensor';
import { compareRuns } from '@patchslim/testing';
import * as ort from 'onnxruntime-node';
import {
  createOnnxBackend,
  createOnnxWebBackend,
  encodeModel,
  joinChunks,
  type OnnxBackend,
} from '../src/index.js';
import { createTransformer, deitTiny, random } from '../test/transformer.js';

const batches = process.argv.length > 2 ? process.argv.slice(2).map(Number) : [1, 8];
const threads = 1;

type Run = () => Promise<void>;

async function programOf(backend: OnnxBackend, batch: number): Promise<{ run: Run; bytes: Uint8Array }> {
  const forward = createTransformer(backend, deitTiny);
  const patches = random([batch, deitTiny.tokens - 1, deitTiny.width], 1);
  const program = await backend.compile(forward, { patches });
  const input = backend.constant(patches);
  const run = async () => {
    const outputs = await program.run({ patches: input });
    await outputs.logits.data();
    disposeAll({ ...outputs });
  };
  return { run, bytes: joinChunks(encodeModel(backend.record(forward, { patches })).model) };
}

async function bareSession(bytes: Uint8Array, batch: number): Promise<Run> {
  const session = await ort.InferenceSession.create(bytes, {
    executionProviders: ['cpu'],
    graphOptimizationLevel: 'all',
    intraOpNumThreads: threads,
    extra: { session: { force_spinning_stop: '1' } },
  });
  const patches = random([batch, deitTiny.tokens - 1, deitTiny.width], 1);
  return async () => {
    await session.run({ patches: new ort.Tensor('float32', patches.data, patches.shape) });
  };
}

const native = await createOnnxBackend({ threads });
const portable = await createOnnxBackend({ form: 'portable', threads });
const web = await createOnnxWebBackend({ threads });

for (const batch of batches) {
  const program = await programOf(native, batch);
  await compareRuns(`DeiT-Ti, batch ${batch}, ${threads} thread`, [
    { name: 'bare ONNX Runtime session', run: await bareSession(program.bytes, batch) },
    { name: 'program, runtime form', run: program.run },
    { name: 'program, portable form', run: (await programOf(portable, batch)).run },
    { name: 'program, onnxruntime-web wasm', run: (await programOf(web, batch)).run },
  ]);
}
