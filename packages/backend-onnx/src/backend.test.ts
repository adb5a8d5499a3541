/** Programs: results, errors, memory, concurrency. */

import {
  abs,
  add,
  float32,
  gather,
  int32,
  matMul,
  named,
  runOnHost,
  scatterAdd,
  type TensorSpec,
} from '@patchslim/tensor';
import { createReferenceBackend } from '@patchslim/tensor/reference';
import { describe, expect, it } from 'vitest';
import { createTransformer, random, small } from '../test/transformer.js';
import { createOnnxBackend, createOnnxRecorder } from './index.js';

/** Asymmetric matchers are `any`; this one is `unknown`, for use in object literals. */
const matching = (pattern: RegExp): unknown => expect.stringMatching(pattern);
const spec = (...shape: number[]): TensorSpec => ({ shape, dtype: 'float32' });

describe('a transformer', () => {
  it.each([small, { ...small, keep: 4 }])(
    'matches the reference in both forms, keep $keep',
    async (sizes) => {
      const patches = random([3, sizes.tokens - 1, sizes.width], 7);
      const backends = [
        createReferenceBackend(),
        await createOnnxBackend({ form: 'runtime' }),
        await createOnnxBackend({ form: 'portable' }),
      ];
      const [reference, ...others] = await Promise.all(
        backends.map(async (backend) => {
          const program = await backend.compile(createTransformer(backend, sizes), { patches });
          const { logits } = await runOnHost(backend, program, { patches });
          await program.dispose();
          return logits.data;
        }),
      );
      for (const other of others) {
        expect(Math.max(...Array.from(reference!, (value, i) => Math.abs(value - other[i]!)))).toBeLessThan(
          1e-5,
        );
      }
    },
  );
});

describe('errors', () => {
  it('say that ops must run inside compile', async () => {
    const backend = await createOnnxBackend();
    const x = backend.constant(float32([2], [1, 2]));
    expect(() => abs(x)).toThrow(expect.objectContaining({ code: 'UNSUPPORTED_OP' }));
  });

  it('name the path in the model where a run failed', async () => {
    const backend = await createOnnxBackend();
    const program = await backend.compile(
      ({ x, i }) => ({
        y: named(backend, 'blocks.3', () => named(backend, 'select', () => gather(x, i, 0))),
      }),
      { x: spec(4, 2), i: { shape: [1], dtype: 'int32' } },
    );
    const run = runOnHost(backend, program, { x: random([4, 2], 1), i: int32([1], [9]) });
    await expect(run).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: matching(
        /^program 'x, i → y' failed in onnxruntime-node\/cpu at blocks\.3\/select\/Gather_\d+: /,
      ),
      details: { node: matching(/^blocks\.3\/select\/Gather_\d+$/) },
    });
    expect(backend.memory.liveTensors).toBe(0);
    await program.dispose();
  });

  it('come from a recorder on run', async () => {
    const recorder = createOnnxRecorder();
    await expect(recorder.compile(({ x }) => ({ y: abs(x) }), { x: spec(1) })).rejects.toMatchObject({
      code: 'BACKEND_UNAVAILABLE',
    });
  });

  it('come from reading a recorded tensor', async () => {
    const recorder = createOnnxRecorder();
    let reading: Promise<unknown> = Promise.resolve();
    recorder.record(
      ({ x }) => {
        reading = x.data();
        return { y: abs(x) };
      },
      { x: spec(1) },
    );
    await expect(reading).rejects.toThrow(/'x' has no values/);
  });

  it('come from a program after dispose, which may be called twice', async () => {
    const backend = await createOnnxBackend();
    const program = await backend.compile(({ x }) => ({ y: abs(x) }), { x: spec(1) });
    await program.dispose();
    await program.dispose();
    await expect(runOnHost(backend, program, { x: float32([1], [1]) })).rejects.toMatchObject({
      code: 'DISPOSED',
    });
  });
});

describe('values', () => {
  it('are copied when read', async () => {
    const backend = await createOnnxBackend();
    const host = float32([2], [1, 2]);
    const x = backend.constant(host);
    (await x.data()).fill(9);
    expect(await x.data()).toEqual(Float32Array.of(1, 2));
  });

  it('add up at repeated indices, on all threads', async () => {
    // ScatterND of ONNX Runtime 1.30 loses some of these in most runs.
    const backend = await createOnnxBackend({ threads: 4 });
    const [rows, count, width] = [4, 3000, 512];
    const inputs = {
      base: float32([1, rows, width], new Float32Array(rows * width)),
      indices: int32([1, count], new Int32Array(count).fill(2)),
      updates: float32([1, count, width], new Float32Array(count * width).fill(1)),
    };
    const program = await backend.compile(
      ({ base, indices, updates }) => ({ y: scatterAdd(base, indices, updates, 1, 1) }),
      inputs,
    );
    for (let run = 0; run < 5; run++) {
      const { y } = await runOnHost(backend, program, inputs);
      expect([...new Set(y.data.subarray(2 * width, 3 * width))]).toEqual([count]);
    }
    await program.dispose();
  });
});

describe('two programs', () => {
  it('run interleaved, and one is disposed while it runs', async () => {
    const backend = await createOnnxBackend({ threads: 1 });
    const weight = backend.constant(random([32, 32], 1));
    const x = random([4, 32], 2);
    const once = await backend.compile(({ x }) => ({ y: matMul(x, weight) }), { x });
    const twice = await backend.compile(({ x }) => ({ y: matMul(matMul(x, weight), weight) }), { x });
    const run = (program: typeof once) => runOnHost(backend, program, { x });
    const alone = [await run(once), await run(twice)];
    const pending = [run(once), run(twice), run(once), run(twice)];
    const disposed = once.dispose();
    const together = await Promise.all(pending);
    expect(together).toEqual([...alone, ...alone]);
    await disposed;
    expect(await run(twice)).toEqual(alone[1]);
    await twice.dispose();
    expect(backend.memory.liveTensors).toBe(1);
  });
});

describe('memory', () => {
  const megabytes = () => process.memoryUsage().rss / 2 ** 20;

  it('does not grow with runs', async () => {
    const backend = await createOnnxBackend({ threads: 1 });
    const x = random([1024, 1024], 1);
    const program = await backend.compile(({ x }) => ({ y: add(x, 1) }), { x });
    const run = async (times: number) => {
      for (let i = 0; i < times; i++) await runOnHost(backend, program, { x });
    };
    await run(50);
    const before = megabytes();
    await run(200); // 4 MB in, 4 MB out, 4 MB read: 2400 MB if nothing were freed
    expect(megabytes() - before).toBeLessThan(300);
    expect(backend.memory.liveTensors).toBe(0);
    await program.dispose();
  });

  it('does not grow with programs', async () => {
    const backend = await createOnnxBackend({ threads: 1 });
    const weight = backend.constant(random([1024, 1024], 1));
    const cycle = async (times: number) => {
      for (let i = 0; i < times; i++) {
        const program = await backend.compile(({ x }) => ({ y: matMul(x, weight) }), { x: spec(1, 1024) });
        await program.dispose();
      }
    };
    await cycle(20);
    const before = megabytes();
    await cycle(200); // at least 4 MB each: 800 MB if nothing were freed
    expect(megabytes() - before).toBeLessThan(300);
    expect(backend.memory.liveTensors).toBe(1);
  });
});
