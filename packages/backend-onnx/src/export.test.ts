/** Contents of exported files, read back by ONNX Runtime. */

import * as ort from 'onnxruntime-node';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTransformer, random, small } from '../test/transformer.js';
import { createOnnxRecorder, exportOnnx } from './index.js';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'patchslim-export-'));
});
afterAll(() => rm(folder, { recursive: true }));

it('writes a file that runs at any batch size and keeps the names of inputs and outputs', async () => {
  const recorder = createOnnxRecorder();
  const path = join(folder, 'model.onnx');
  const inputs = { patches: { shape: [1, small.tokens - 1, small.width], dtype: 'float32' } } as const;
  const saved = await exportOnnx(recorder, createTransformer(recorder, { ...small, keep: 4 }), inputs, path, {
    batch: 'dynamic',
    metadata: { author: 'a test' },
  });
  const bytes = await readFile(path);
  expect(saved).toEqual({ path, bytes: bytes.length });
  expect(bytes.includes('com.microsoft')).toBe(false);
  const session = await ort.InferenceSession.create(path, { intraOpNumThreads: 1 });
  expect(session.inputNames).toEqual(['patches']);
  expect(session.outputNames).toEqual(['logits']);
  const patches = random([3, small.tokens - 1, small.width], 1);
  const { logits } = await session.run({ patches: new ort.Tensor('float32', patches.data, patches.shape) });
  expect(logits!.dims).toEqual([3, small.classes]);
  await session.release();
});

it('uses the requested form instead of the recorder’s', async () => {
  const recorder = createOnnxRecorder({ form: 'portable' });
  const path = join(folder, 'runtime.onnx');
  const inputs = { patches: { shape: [1, small.tokens - 1, small.width], dtype: 'float32' } } as const;
  await exportOnnx(recorder, createTransformer(recorder, small), inputs, path, { form: 'runtime' });
  expect((await readFile(path)).includes('MultiHeadAttention')).toBe(true);
});
