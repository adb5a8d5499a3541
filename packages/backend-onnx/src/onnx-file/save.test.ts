/** Model files that ONNX Runtime loads from disk and runs, with internal and external weights. */

import { linear, matMul, add, type ProgressEvent } from '@patchslim/tensor';
import { createReferenceBackend } from '@patchslim/tensor/reference';
import * as ort from 'onnxruntime-node';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { random } from '../../test/transformer.js';
import { createOnnxBackend, createOnnxRecorder, saveModel, type Graph } from '../index.js';

const width = 64;
const weightBytes = width * width * 4;
const recorder = createOnnxRecorder();
const weight = recorder.constant(random([width, width], 1, 0.1));
const bias = recorder.constant(random([width], 2));
const inputs = { x: { shape: [2, width], dtype: 'float32' } } as const;
/** The weight is used three times. */
const graph = recorder.record(
  ({ x }) => ({ y: add(matMul(matMul(linear(x, weight, bias), weight), weight), 1) }),
  inputs,
);
const x = random([2, width], 3);

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'patchslim-save-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function runFile(path: string): Promise<Float32Array> {
  const session = await ort.InferenceSession.create(path, { intraOpNumThreads: 1 });
  const { y } = await session.run({ x: new ort.Tensor('float32', x.data, x.shape) });
  await session.release();
  return y!.data as Float32Array;
}

async function expected(): Promise<ArrayLike<number>> {
  const backend = createReferenceBackend();
  const [a, w, b] = [x, random([width, width], 1, 0.1), random([width], 2)].map((host) =>
    backend.constant(host),
  );
  return add(matMul(matMul(linear(a!, w!, b), w!), w!), 1).data();
}

function expectClose(got: ArrayLike<number>, want: ArrayLike<number>): void {
  const worst = Math.max(
    ...Array.from(want, (value, i) => Math.abs(value - got[i]!) / Math.max(1, Math.abs(value))),
  );
  expect(got.length).toBe(want.length);
  expect(worst).toBeLessThan(1e-5);
}

describe('saveModel', () => {
  it('writes one file with every constant once', async () => {
    const path = join(folder, 'inside.onnx');
    const saved = await saveModel(graph, path);
    expect(saved).toEqual({ path, bytes: (await stat(path)).size });
    expect(saved.bytes).toBeGreaterThan(weightBytes);
    expect(saved.bytes).toBeLessThan(weightBytes + 2000);
    expectClose(await runFile(path), await expected());
  });

  it('writes large constants to a second file, each page-aligned, above the limit', async () => {
    const path = join(folder, 'outside.onnx');
    const other = recorder.constant(random([width, width], 5));
    const two = recorder.record(({ x }) => ({ y: matMul(matMul(x, weight), other) }), inputs);
    const saved = await saveModel(two, path, { externalDataLimit: 1000 });
    expect(saved.dataPath).toBe(`${path}.data`);
    expect(saved.bytes).toBeLessThan(2000);
    expect(saved.dataBytes).toBe(2 * weightBytes); // a weight is four pages
    const data = await readFile(saved.dataPath!);
    expect(new Float32Array(data.buffer, data.byteOffset, 3)).toEqual(
      random([width, width], 1, 0.1).data.subarray(0, 3),
    );
    const session = await ort.InferenceSession.create(path);
    expect(session.outputNames).toEqual(['y']);
    await session.release();
  });

  it('writes external constants that run like internal ones, with padding between them', async () => {
    const path = join(folder, 'padded.onnx');
    const odd = recorder.constant(random([width, 5], 6));
    const fn = recorder.record(
      ({ x }) => ({ y: matMul(matMul(x, odd), recorder.constant(random([5, 700], 7))) }),
      inputs,
    );
    const saved = await saveModel(fn, path, { externalDataLimit: 0 });
    expect(saved.dataBytes).toBe(4096 + 5 * 700 * 4); // 64 · 5 · 4 bytes end within the first page
    const inside = join(folder, 'unpadded.onnx');
    await saveModel(fn, inside);
    expect(await runFile(path)).toEqual(await runFile(inside));
  });

  it('reports increasing bytes up to the total, and writes metadata', async () => {
    const events: ProgressEvent[] = [];
    const path = join(folder, 'progress.onnx');
    const saved = await saveModel(graph, path, {
      metadata: { plan: 'half' },
      onProgress: (event) => events.push(event),
    });
    expect(events.at(-1)).toEqual({ stage: 'write', done: saved.bytes, total: saved.bytes, unit: 'bytes' });
    expect(events.every((event, i) => i === 0 || event.done >= events[i - 1]!.done)).toBe(true);
    expect((await readFile(path)).includes('half')).toBe(true);
  });

  it('leaves only the old file when it is aborted', async () => {
    const sub = await mkdtemp(join(folder, 'abort-'));
    const path = join(sub, 'model.onnx');
    await writeFile(path, 'old');
    const controller = new AbortController();
    const saving = saveModel(graph, path, {
      signal: controller.signal,
      onProgress: () => controller.abort(),
    });
    await expect(saving).rejects.toMatchObject({ code: 'ABORTED' });
    expect(await readdir(sub)).toEqual(['model.onnx']);
    expect(await readFile(path, 'utf8')).toBe('old');
  });

  it('names the file that cannot be written', async () => {
    const path = join(folder, 'missing', 'model.onnx');
    await expect(saveModel(graph, path)).rejects.toMatchObject({ code: 'IO_FAILED', details: { path } });
  });
});

describe('a program with more constants than one buffer holds', () => {
  it('is loaded from files and leaves none behind', async () => {
    vi.stubEnv('TMPDIR', await mkdtemp(join(folder, 'tmp-')));
    const backend = await createOnnxBackend({ threads: 1, externalDataLimit: 100 });
    const [w, b] = [backend.constant(random([width, width], 1, 0.1)), backend.constant(random([width], 2))];
    const program = await backend.compile(
      ({ x }) => ({ y: add(matMul(matMul(linear(x, w, b), w), w), 1) }),
      inputs,
    );
    const results = await program.run({ x: backend.constant(x) });
    expectClose(await results.y.data(), await expected());
    await program.dispose();
    expect(await readdir(tmpdir())).toEqual([]);
    vi.unstubAllEnvs();
  });
});

describe('a graph with an empty tensor', () => {
  it('loads', async () => {
    const empty: Graph = createOnnxRecorder().record(({ x }) => ({ y: x }), {
      x: { shape: [0, 3], dtype: 'float32' },
    });
    const path = join(folder, 'empty.onnx');
    await saveModel(empty, path);
    const session = await ort.InferenceSession.create(path);
    const { y } = await session.run({ x: new ort.Tensor('float32', new Float32Array(0), [0, 3]) });
    expect(y!.dims).toEqual([0, 3]);
    await session.release();
  });
});
