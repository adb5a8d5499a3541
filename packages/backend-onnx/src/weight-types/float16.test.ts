/** Weights as float16: which constants are converted, kept or refused; run by ONNX Runtime. */

import { linear, matMul, mul } from '@patchslim/tensor';
import * as ort from 'onnxruntime-node';
import * as ortWeb from 'onnxruntime-web';
import { describe, expect, it } from 'vitest';
import { relativeError, runGraph } from '../../test/run-graph.js';
import { createTransformer, random, type Sizes } from '../../test/transformer.js';
import { createOnnxRecorder, encodeModel, joinChunks, type Form, type WeightType } from '../index.js';

const sizes: Sizes = { tokens: 17, width: 64, heads: 4, hidden: 128, blocks: 3, classes: 20, keep: 9 };
const patches = { shape: [1, sizes.tokens - 1, sizes.width], dtype: 'float32' } as const;
const recorder = createOnnxRecorder();
const forward = createTransformer(recorder, sizes);

describe.each<Form>(['portable', 'runtime', 'webgpu'])('a slimmed transformer, form %s', (form) => {
  const batch = form === 'webgpu' ? undefined : 'dynamic';
  const whole = recorder.record(forward, { patches }, { form, batch });
  const half = recorder.record(forward, { patches }, { form, batch, weights: 'float16' });

  it('takes half the bytes', () => {
    const [halves, floats] = [half, whole].map((graph) => joinChunks(encodeModel(graph).model).length);
    const matrices = whole.initializers.filter(({ data }) => data.length >= 1024);
    const saved = matrices.reduce((sum, { data }) => sum + data.byteLength / 2, 0);
    expect(matrices.length).toBeGreaterThan(18);
    // The Cast nodes take a few bytes.
    expect(floats! - halves!).toBeGreaterThan(0.95 * saved);
    expect(halves!).toBeLessThan(0.55 * floats!);
  });

  it('matches the logits of float32', async () => {
    for (const count of form === 'webgpu' ? [1] : [1, 3]) {
      const inputs = { patches: random([count, sizes.tokens - 1, sizes.width], 40 + count) };
      const error = relativeError(await runGraph(ort, half, inputs), await runGraph(ort, whole, inputs));
      expect(error).toBeGreaterThan(0);
      expect(error).toBeLessThan(1e-3);
    }
  });
});

it('runs on onnxruntime-web', async () => {
  const inputs = { patches: random(patches.shape, 44) };
  const graph = (weights: WeightType) => recorder.record(forward, { patches }, { weights });
  const error = relativeError(
    await runGraph(ortWeb, graph('float16'), inputs),
    await runGraph(ort, graph('float32'), inputs),
  );
  expect(error).toBeGreaterThan(0);
  expect(error).toBeLessThan(1e-3);
});

describe('float16', () => {
  const x = { shape: [2, 32], dtype: 'float32' } as const;
  const weight = recorder.constant(random([32, 32], 1));

  it('keeps small constants unchanged', () => {
    const bias = recorder.constant(random([32], 2));
    const graph = recorder.record(({ x }) => ({ y: linear(x, weight, bias) }), { x }, { weights: 'float16' });
    const stored = graph.initializers.map(({ dtype, data }) => `${dtype}[${data.length}]`);
    expect(stored.sort()).toEqual(['float16[1024]', 'float32[32]']);
  });

  it('casts a weight once, even if used many times', () => {
    const graph = recorder.record(
      ({ x }) => ({ y: matMul(matMul(x, weight), weight) }),
      { x },
      { weights: 'float16' },
    );
    expect(graph.nodes.map(({ op }) => op)).toEqual(['Cast', 'MatMul', 'MatMul']);
  });

  it('keeps infinity, and refuses a number that would overflow to it', async () => {
    const values = random([32, 32], 3).data;
    const record = (changed: number) => {
      const data = values.with(5, changed);
      const mask = recorder.constant({ shape: [32, 32], dtype: 'float32', data });
      return recorder.record(
        ({ x }) => ({ y: mul(x, mask) }),
        { x: { ...x, shape: [32, 32] } },
        { weights: 'float16' },
      );
    };
    const ones = { ...random([32, 32], 1), data: new Float32Array(1024).fill(1) };
    expect((await runGraph(ort, record(-Infinity), { x: ones }))[5]).toBe(-Infinity);
    expect((await runGraph(ort, record(65504), { x: ones }))[5]).toBe(65504);
    expect(() => record(-70000)).toThrow(
      /^record\(\): the weight of Mul_\d+ holds -70000, which float16 cannot store: its maximum is 65504; keep/,
    );
  });

  it('is one of the known types', () => {
    const record = () => recorder.record(({ x }) => ({ y: x }), { x }, { weights: 'float12' as 'float16' });
    expect(record).toThrow(/^unknown type of weights 'float12'; did you mean float32 or float16\?$/);
  });
});
