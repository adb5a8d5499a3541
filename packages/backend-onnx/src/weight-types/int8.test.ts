/** Weights as int8: the arithmetic against plain loops; which constants are shared, kept or refused. */

import { linear, matMul, transpose } from '@patchslim/tensor';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import * as ortWeb from 'onnxruntime-web';
import { describe, expect, it, onTestFinished } from 'vitest';
import { relativeError, runGraph } from '../../test/run-graph.js';
import { createTransformer, random, type Sizes } from '../../test/transformer.js';
import { createOnnxRecorder, encodeModel, joinChunks, type Form } from '../index.js';

const recorder = createOnnxRecorder();
const [inner, outer] = [48, 40];
const x = random([3, inner], 1, 5);
const weightHost = random([inner, outer], 2);
const biasHost = random([outer], 3);
const weight = recorder.constant(weightHost);
const bias = recorder.constant(biasHost);
const oneLayer = recorder.record(({ x }) => ({ y: linear(x, weight, bias) }), { x }, { weights: 'int8' });

/** `x · weight + bias` by the ONNX standard: rows from 0 to 255, integer weights with a scale per column. */
function quantisedLayer(): number[] {
  const [low, high] = [Math.min(0, ...x.data), Math.max(0, ...x.data)];
  const scale = (high - low) / 255;
  const zero = Math.round(-low / scale);
  const rows = Array.from(x.data, (value) => Math.min(255, Math.max(0, Math.round(value / scale) + zero)));
  return Array.from({ length: x.shape[0]! * outer }, (_, at) => {
    const [i, j] = [Math.floor(at / outer), at % outer];
    const column = Array.from({ length: inner }, (_, k) => weightHost.data[k * outer + j]!);
    const unit = Math.max(...column.map(Math.abs)) / 127;
    const sum = column.reduce((sum, w, k) => sum + (rows[i * inner + k]! - zero) * Math.round(w / unit), 0);
    return sum * scale * unit + biasHost.data[j]!;
  });
}

describe('a layer with int8 weights', () => {
  it.each([
    ['onnxruntime-node', ort],
    ['onnxruntime-web', ortWeb],
  ])('is computed by %s in integers', async (_, runtime) => {
    const got = await runGraph(runtime, oneLayer, { x });
    expect(relativeError(got, quantisedLayer())).toBeLessThan(1e-6);
  });

  it('is fused with its bias into one operator of ONNX Runtime', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'patchslim-test-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const optimizedModelFilePath = join(folder, 'optimized.onnx');
    const bytes = joinChunks(encodeModel(oneLayer).model);
    await (
      await ort.InferenceSession.create(bytes, { optimizedModelFilePath, logSeverityLevel: 4 })
    ).release();
    const optimized = await readFile(optimizedModelFilePath, 'latin1');
    expect(optimized).toMatch(/MatMulIntegerToFloat|DynamicQuantizeMatMul/);
    expect(optimized).not.toMatch(/MatMulInteger(?!ToFloat)/);
  });
});

describe('int8', () => {
  const square = recorder.constant(random([32, 32], 4));
  const input = { shape: [2, 32], dtype: 'float32' } as const;
  const operators = (fn: Parameters<typeof recorder.record<'x', 'y' | 'z'>>[0]) => {
    const graph = recorder.record(fn, { x: input }, { weights: 'int8' });
    return { ops: graph.nodes.map(({ op }) => op), stored: graph.initializers.map(({ dtype }) => dtype) };
  };

  it('quantises rows and weights once, even if used many times', () => {
    const { ops, stored } = operators(({ x }) => ({
      y: matMul(x, square),
      z: matMul(x, recorder.constant(random([32, 64], 5))),
    }));
    const product = ['MatMulInteger', 'Cast', 'Mul', 'Mul'];
    expect(ops).toEqual(['DynamicQuantizeLinear', ...product, ...product]);
    expect(stored.sort()).toEqual(['float32', 'float32', 'int8', 'int8']);
    const twice = operators(({ x }) => ({ y: matMul(matMul(x, square), square), z: x }));
    expect(twice.stored.sort()).toEqual(['float32', 'int8']);
  });

  it('also keeps a weight in float32 if it has other uses than as right factor of a product', () => {
    const { ops, stored } = operators(({ x }) => ({
      y: matMul(x, square),
      z: transpose(matMul(square, x, { transposeB: true }), [1, 0]),
    }));
    expect(ops.filter((op) => op === 'MatMul')).toHaveLength(1);
    expect(stored).toContain('float32');
    expect(stored).toContain('int8');
  });

  it('accepts columns of zeros', async () => {
    const data = random([32, 32], 6).data.map((value, i) => (i % 32 === 3 ? 0 : value));
    const sparse = recorder.constant({ shape: [32, 32], dtype: 'float32', data });
    const graph = recorder.record(({ x }) => ({ y: matMul(x, sparse) }), { x: input }, { weights: 'int8' });
    const y = await runGraph(ort, graph, { x: random([2, 32], 7) });
    expect([y[3], y[35]]).toEqual([0, 0]);
    expect(y.some((value) => value !== 0)).toBe(true);
  });

  it('refuses NaN weights, and a GPU without integer products', () => {
    const data = random([32, 32], 8).data.with(9, NaN);
    const broken = recorder.constant({ shape: [32, 32], dtype: 'float32', data });
    const record = (form: Form) => () =>
      recorder.record(({ x }) => ({ y: matMul(x, broken) }), { x: input }, { form, weights: 'int8' });
    expect(record('portable')).toThrow(
      /^record\(\): the weight of MatMul_\d+ holds NaN, which int8 cannot store: a scale needs finite numbers; keep/,
    );
    expect(record('webgpu')).toThrow(/WebGPU provider lacks; use float16/);
  });
});

describe.each<Form>(['portable', 'runtime'])('a slimmed transformer, form %s', (form) => {
  const sizes: Sizes = { tokens: 17, width: 64, heads: 4, hidden: 128, blocks: 3, classes: 20, keep: 9 };
  const patches = { shape: [1, sizes.tokens - 1, sizes.width], dtype: 'float32' } as const;
  const forward = createTransformer(recorder, sizes);
  const whole = recorder.record(forward, { patches }, { form, batch: 'dynamic' });
  const int8 = recorder.record(forward, { patches }, { form, batch: 'dynamic', weights: 'int8' });

  it('stores its matrices in a quarter of the bytes', () => {
    const bytes = (from: readonly { dtype: string; data: ArrayBufferView }[]) =>
      from.reduce((sum, { data }) => sum + data.byteLength, 0);
    const matrices = whole.initializers.filter(
      ({ shape, data }) => shape.length === 2 && data.length >= 1024,
    );
    const numbers = int8.initializers.filter(({ dtype }) => dtype === 'int8');
    expect(numbers.length).toBe(6 * sizes.blocks + 1);
    expect(bytes(numbers)).toBe(bytes(matrices) / 4);
    expect(int8.nodes.filter(({ op }) => op === 'DynamicQuantizeLinear')).toHaveLength(4 * sizes.blocks + 1);
  });

  it.each([
    ['onnxruntime-node', ort],
    ['onnxruntime-web', ortWeb],
  ])('stays near the logits of float32 at any batch size on %s', async (_, runtime) => {
    for (const count of [1, 3]) {
      const inputs = { patches: random([count, sizes.tokens - 1, sizes.width], 50 + count) };
      const error = relativeError(await runGraph(runtime, int8, inputs), await runGraph(ort, whole, inputs));
      expect(error).toBeGreaterThan(1e-4);
      expect(error).toBeLessThan(0.05);
    }
  });
});
