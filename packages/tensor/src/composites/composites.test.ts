/** The composites' decompositions, called through their public functions, against formulas in plain loops. */

import { describe, expect, it } from 'vitest';
import { noise } from '../conformance/case.js';
import {
  attention,
  attentionProbabilities,
  gelu,
  int32,
  layerNorm,
  linear,
  logSoftmax,
  mean,
  mergeHeads,
  normalize,
  oneHot,
  softmax,
  splitHeads,
  variance,
  type Shape,
  type Tensor,
} from '../index.js';
import { createReferenceBackend } from '../reference/index.js';

const backend = createReferenceBackend();
const [rows, width] = [3, 4];
const host = noise([rows, width], 1, -2, 2);
const x = backend.constant(host);
const row = (i: number): number[] => [...host.data.slice(i * width, (i + 1) * width)];
const total = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);

async function expectValues(tensor: Tensor, shape: Shape, values: readonly number[]): Promise<void> {
  expect(tensor.shape).toEqual(shape);
  const got = await tensor.data();
  expect(got.length).toBe(values.length);
  values.forEach((value, i) => expect(got[i]).toBeCloseTo(value, 5));
}

const softmaxOf = (values: readonly number[]) => values.map((v) => Math.exp(v) / total(values.map(Math.exp)));

describe('over rows', () => {
  const each = (formula: (values: number[]) => number[]) => [0, 1, 2].flatMap((i) => formula(row(i)));
  const averageOf = (values: readonly number[]) => total(values) / values.length;
  const varianceOf = (values: readonly number[]) =>
    averageOf(values.map((v) => (v - averageOf(values)) ** 2));

  it('softmax', () => expectValues(softmax(x), [3, 4], each(softmaxOf)));
  it('softmax along another axis', async () => {
    const columns = Array.from({ length: width }, (_, j) => softmaxOf([0, 1, 2].map((i) => row(i)[j]!)));
    await expectValues(
      softmax(x, -2),
      [3, 4],
      [0, 1, 2].flatMap((i) => columns.map((column) => column[i]!)),
    );
  });
  it('logSoftmax', () =>
    expectValues(
      logSoftmax(x),
      [3, 4],
      each((v) => softmaxOf(v).map(Math.log)),
    ));
  it('mean', () =>
    expectValues(
      mean(x, -1),
      [3],
      each((v) => [averageOf(v)]),
    ));
  it('mean of everything', () => expectValues(mean(x), [], [averageOf([...host.data])]));
  it('variance', () =>
    expectValues(
      variance(x, 1, { keepDims: true }),
      [3, 1],
      each((v) => [varianceOf(v)]),
    ));
  it('normalize', () =>
    expectValues(
      normalize(x),
      [3, 4],
      each((v) => v.map((e) => e / Math.hypot(...v))),
    ));
  it('gelu', async () => {
    // Φ by Simpson's rule on the density: independent of erf.
    const density = (t: number) => Math.exp((-t * t) / 2) / Math.sqrt(2 * Math.PI);
    const cumulative = (v: number) => {
      const step = (v + 12) / 4000;
      const weights = Array.from({ length: 4001 }, (_, i) =>
        i === 0 || i === 4000 ? 1 : i % 2 === 0 ? 2 : 4,
      );
      return (step / 3) * total(weights.map((weight, i) => weight * density(-12 + i * step)));
    };
    await expectValues(
      gelu(x),
      [3, 4],
      [...host.data].map((v) => v * cumulative(v)),
    );
  });
  it('layerNorm', async () => {
    const [gamma, beta] = [noise([width], 2), noise([width], 3)];
    const normalized = each((v) =>
      v.map((e, j) => ((e - averageOf(v)) / Math.sqrt(varianceOf(v) + 0.1)) * gamma.data[j]! + beta.data[j]!),
    );
    await expectValues(
      layerNorm(x, backend.constant(gamma), backend.constant(beta), 0.1),
      [3, 4],
      normalized,
    );
  });
  it('linear', async () => {
    const [weight, bias] = [noise([width, 2], 4), noise([2], 5)];
    const projected = each((v) =>
      [0, 1].map((o) => bias.data[o]! + total(v.map((e, i) => e * weight.data[2 * i + o]!))),
    );
    await expectValues(linear(x, backend.constant(weight), backend.constant(bias)), [3, 2], projected);
  });
  it('oneHot', () =>
    expectValues(oneHot(backend.constant(int32([2], [1, 0])), 3), [2, 3], [0, 1, 0, 1, 0, 0]));
});

describe('attention', () => {
  const [B, H, Nq, Nk, D] = [2, 2, 3, 4, 6];
  const C = D / H;
  const [query, key, value] = [noise([B, Nq, D], 1), noise([B, Nk, D], 2), noise([B, Nk, D], 3)];
  const bias = noise([B, 1, 1, Nk], 4);
  const [q, k, v, additive] = [query, key, value, bias].map((tensor) => backend.constant(tensor)) as [
    Tensor,
    Tensor,
    Tensor,
    Tensor,
  ];

  const range = (n: number) => Array.from({ length: n }, (_, i) => i);
  function weights(b: number, h: number, i: number, scale: number, biased: boolean): number[] {
    const products = range(Nk).map((j) => {
      const channels = range(C).map((c) => h * C + c);
      const product = total(
        channels.map((c) => query.data[(b * Nq + i) * D + c]! * key.data[(b * Nk + j) * D + c]!),
      );
      return scale * product + (biased ? bias.data[b * Nk + j]! : 0);
    });
    return softmaxOf(products);
  }
  const probabilities = (scale: number, biased: boolean) =>
    range(B).flatMap((b) =>
      range(H).flatMap((h) => range(Nq).flatMap((i) => weights(b, h, i, scale, biased))),
    );

  it('probabilities scale by 1 / √(D / H) by default', () =>
    expectValues(attentionProbabilities(q, k, H), [B, H, Nq, Nk], probabilities(1 / Math.sqrt(C), false)));

  it('probabilities with bias and scale', () =>
    expectValues(
      attentionProbabilities(q, k, H, { bias: additive, scale: 0.3 }),
      [B, H, Nq, Nk],
      probabilities(0.3, true),
    ));

  it('sums values by probability and concatenates heads', async () => {
    const expected = range(B).flatMap((b) =>
      range(Nq).flatMap((i) =>
        range(D).map((channel) => {
          const row = weights(b, Math.floor(channel / C), i, 1 / Math.sqrt(C), true);
          return total(row.map((weight, j) => weight * value.data[(b * Nk + j) * D + channel]!));
        }),
      ),
    );
    await expectValues(attention(q, k, v, H, { bias: additive }), [B, Nq, D], expected);
  });

  it('splits and merges heads', async () => {
    const split = splitHeads(q, H);
    expect(split.shape).toEqual([B, H, Nq, C]);
    expect((await split.data())[C]).toBe(query.data[D]);
    expect(await mergeHeads(split).data()).toEqual(query.data);
  });
});
