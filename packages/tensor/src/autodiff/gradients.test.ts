/** Every gradient compared with central differences, in float64 on the reference backend. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as t from '../index.js';
import { createRandom, float32, int32, sizeOf, type HostTensor, type Shape, type Tensor } from '../index.js';
import { createReferenceBackend } from '../reference/index.js';
import { flatOps, gradients } from './gradients/index.js';
import { valueAndGrad } from './value-and-grad.js';

const backend = createReferenceBackend();

/** A power of two, so that inputs moved by it are exact in float32. */
const step = 2 ** -10;

/** Values between `from` and `to` that differ by more than the step, so that the maximum stays at its position. */
function apart(shape: Shape, from: number, to: number, seed: number): HostTensor<'float32'> {
  const count = sizeOf(shape);
  const random = createRandom(seed);
  const places = t.shuffled(
    Array.from({ length: count }, (_, i) => i),
    random,
  );
  const round = (value: number) => Math.round(value / step) * step;
  return float32(
    shape,
    places.map((place) => round(from + ((to - from) * (place + 0.5 * random())) / count)),
  );
}

interface Case {
  readonly op: string;
  readonly shapes: readonly Shape[];
  readonly fn: (...inputs: Tensor[]) => Tensor;
  /** Range of the inputs; −2 to 2 by default. */
  readonly range?: readonly [number, number];
}

const indices = () => backend.constant(int32([4], [2, 0, 2, 1]));
const rows = () => backend.constant(int32([2, 2], [2, 0, 1, 1]));
const condition = () =>
  backend.constant({ shape: [2, 3], dtype: 'bool', data: Uint8Array.of(1, 0, 1, 1, 0, 0) });

const unaries = [
  ...['neg', 'exp', 'abs', 'erf', 'tanh', 'sigmoid'],
  ...['gelu', 'geluTanh', 'quickGelu', 'silu'],
] as const;
const binaries = ['add', 'sub', 'mul', 'maximum', 'minimum'] as const;
const broadcasts: readonly (readonly [Shape, Shape])[] = [
  [
    [2, 3],
    [2, 3],
  ],
  [[2, 3], [3]],
  [
    [2, 1],
    [3, 2, 3],
  ],
  [[], [2, 2]],
];

const cases: readonly Case[] = [
  ...unaries.map((op): Case => ({ op, shapes: [[2, 3]], fn: (x) => t[op](x) })),
  ...(['log', 'sqrt', 'rsqrt'] as const).map((op): Case => ({
    op,
    shapes: [[2, 3]],
    fn: (x) => t[op](x),
    range: [0.5, 3],
  })),
  ...binaries.flatMap((op) => broadcasts.map((shapes): Case => ({ op, shapes, fn: (a, b) => t[op](a, b) }))),
  ...(['div', 'pow'] as const).flatMap((op) =>
    broadcasts.map((shapes): Case => ({ op, shapes, fn: (a, b) => t[op](a, b), range: [0.5, 2] })),
  ),
  { op: 'where', shapes: [[2, 3], [3]], fn: (a, b) => t.where(condition(), a, b) },
  { op: 'mul', shapes: [[3]], fn: (x) => t.mul(x, x) },
  { op: 'reshape', shapes: [[2, 3]], fn: (x) => t.reshape(x, [3, 2]) },
  { op: 'transpose', shapes: [[2, 3, 4]], fn: (x) => t.transpose(x, [1, 2, 0]) },
  { op: 'slice', shapes: [[3, 4]], fn: (x) => t.slice(x, [1, 0], [2, 3]) },
  {
    op: 'concat',
    shapes: [
      [2, 1],
      [2, 3],
    ],
    fn: (a, b) => t.concat([a, b, a], 1),
  },
  { op: 'broadcastTo', shapes: [[2, 1]], fn: (x) => t.broadcastTo(x, [3, 2, 4]) },
  { op: 'pad', shapes: [[2, 2]], fn: (x) => t.pad(x, [1, 0], [0, 2], 7) },
  { op: 'cast', shapes: [[2, 2]], fn: (x) => t.cast(x, 'float32') },
  { op: 'gather', shapes: [[3, 2]], fn: (x) => t.gather(x, indices(), 0) },
  { op: 'gather', shapes: [[2, 3, 2]], fn: (x) => t.gather(x, rows(), 1, 1) },
  {
    op: 'scatterAdd',
    shapes: [
      [3, 2],
      [4, 2],
    ],
    fn: (a, b) => t.scatterAdd(a, indices(), b, 0),
  },
  {
    op: 'scatterAdd',
    shapes: [
      [2, 3, 2],
      [2, 2, 2],
    ],
    fn: (a, b) => t.scatterAdd(a, rows(), b, 1, 1),
  },
  { op: 'sum', shapes: [[2, 3, 2]], fn: (x) => t.sum(x, [0, 2]) },
  { op: 'sum', shapes: [[2, 3]], fn: (x) => t.sum(x, 1, { keepDims: true }) },
  { op: 'mean', shapes: [[2, 3, 2]], fn: (x) => t.mean(x, [1, 2]) },
  { op: 'variance', shapes: [[2, 5]], fn: (x) => t.variance(x, 1) },
  { op: 'max', shapes: [[2, 3, 2]], fn: (x) => t.max(x, 1) },
  { op: 'max', shapes: [[2, 3]], fn: (x) => t.max(x) },
  { op: 'cumSum', shapes: [[2, 4]], fn: (x) => t.cumSum(x, 1) },
  ...[false, true].flatMap((transposeA) =>
    [false, true].map((transposeB): Case => ({
      op: 'matMul',
      shapes: [transposeA ? [2, 3, 2] : [2, 2, 3], transposeB ? [4, 3] : [3, 4]],
      fn: (a, b) => t.matMul(a, b, { transposeA, transposeB }),
    })),
  ),
  { op: 'linear', shapes: [[2, 3, 2], [2, 4], [4]], fn: (x, weight, bias) => t.linear(x, weight, bias) },
  {
    op: 'linear',
    shapes: [
      [3, 2],
      [2, 4],
    ],
    fn: (x, weight) => t.linear(x, weight),
  },
  {
    op: 'fusedLinear',
    shapes: [[2, 3, 2], [2, 4], [4], [2, 3, 4]],
    fn: (x, weight, bias, residual) => t.linear(x, weight, bias, { activation: 'gelu', residual }),
  },
  {
    op: 'mergeRows',
    shapes: [
      [1, 4, 3],
      [1, 4, 1],
      [1, 4, 1],
    ],
    fn(x, weights, sizes) {
      const { backend } = x;
      const [order, targets] = [int32([1, 4], [1, 2, 3, 0]), int32([1, 2], [0, 0])].map((host) =>
        backend.constant(host),
      );
      const merging = { order: order!, targets: targets!, destinations: 1 };
      return t.mergeRows(x, merging, { weights: t.exp(weights), sizes });
    },
  },
  { op: 'softmax', shapes: [[2, 4]], fn: (x) => t.softmax(x) },
  { op: 'softmax', shapes: [[3, 2]], fn: (x) => t.softmax(x, 0) },
  { op: 'logSoftmax', shapes: [[2, 4]], fn: (x) => t.logSoftmax(x) },
  { op: 'layerNorm', shapes: [[2, 2, 4], [4], [4]], fn: (x, g, b) => t.layerNorm(x, g, b, 1e-6) },
  { op: 'normalize', shapes: [[2, 3]], fn: (x) => t.normalize(x) },
  {
    op: 'attention',
    shapes: [
      [1, 2, 4],
      [1, 3, 4],
      [1, 3, 4],
      [2, 3],
    ],
    fn: (q, k, v, bias) => t.attention(q, k, v, 2, { bias }),
  },
  {
    op: 'attentionProbabilities',
    shapes: [
      [1, 2, 4],
      [1, 3, 4],
    ],
    fn: (q, k) => t.attentionProbabilities(q, k, 2),
  },
  { op: 'unfold', shapes: [[2, 2, 5, 4]], fn: (x) => t.unfold(x, { kernel: 3, stride: 2, padding: 1 }) },
  { op: 'unfold', shapes: [[1, 2, 5, 4]], fn: (x) => t.unfold(x, { kernel: 2, stride: 2 }) },
  {
    op: 'conv2d',
    shapes: [[2, 2, 4, 5], [3, 2, 3, 3], [3]],
    fn: (x, weight, bias) => t.conv2d(x, weight, bias, { stride: 2, padding: 1 }),
  },
  {
    op: 'conv2d',
    shapes: [
      [1, 2, 3, 4],
      [1, 2, 2, 2],
    ],
    fn: (x, weight) => t.conv2d(x, weight),
  },
];

/** A weighted sum of a case's result; the weights differ, so no two positions cancel. */
function lossOf({ fn }: Case, inputs: readonly Tensor[]): Tensor {
  const result = fn(...inputs);
  const weights = Float32Array.from({ length: sizeOf(result.shape) }, (_, i) => ((7 * i) % 5) - 1.75);
  return t.sum(t.mul(result, backend.constant(float32(result.shape, weights))));
}

async function difference(
  test: Case,
  hosts: readonly HostTensor[],
  which: number,
  place: number,
): Promise<number> {
  const moved = (by: number) =>
    hosts.map((host, i) => {
      const data = Float32Array.from(host.data);
      if (i === which) data[place]! += by;
      return backend.constant(float32(host.shape, data));
    });
  const slope = t.scope(backend, () =>
    t.mul(t.sub(lossOf(test, moved(step)), lossOf(test, moved(-step))), 1 / (2 * step)),
  );
  const [value] = await slope.data();
  slope.dispose();
  return value!;
}

describe('the gradient of', () => {
  it.each(cases.map((test, i) => ({ ...test, name: `${test.op} of ${JSON.stringify(test.shapes)}`, i })))(
    '$name is the slope',
    async (test) => {
      const [from, to] = test.range ?? [-2, 2];
      const hosts = test.shapes.map((shape, i) => apart(shape, from + i * step * 3, to, test.i + i));
      const inputs = hosts.map((host) => backend.constant(host));
      const { value, grads } = valueAndGrad(backend, inputs, () => lossOf(test, inputs));
      for (const [which, grad] of grads.entries()) {
        expect(grad.shape).toEqual(hosts[which]!.shape);
        for (const [place, got] of [...(await grad.data())].entries()) {
          const wanted = await difference(test, hosts, which, place);
          expect(
            Math.abs(got - wanted),
            `input ${which}, place ${place}: ${got}, slope ${wanted}`,
          ).toBeLessThan(1e-4 * Math.max(1, Math.abs(wanted)));
        }
      }
      t.disposeAll([value, grads, inputs]);
    },
  );

  it('every op is tested above', () => {
    const tested = new Set(cases.map(({ op }) => op));
    expect(Object.keys(gradients).filter((op) => !tested.has(op))).toEqual([]);
    const all = [...Object.keys(gradients), ...flatOps];
    const composites = [
      'fusedLinear',
      'mergeRows',
      'variance',
      'attention',
      'attentionProbabilities',
      'oneHot',
      'geluTanh',
      'quickGelu',
      'silu',
      'unfold',
      'conv2d',
    ];
    expect([...all, ...composites].toSorted()).toEqual(Object.keys(t.opTable).toSorted());
  });
});

describe('random chains of ops', () => {
  const links: readonly ((x: Tensor) => Tensor)[] = [
    (x) => t.tanh(x),
    (x) => t.mul(x, x),
    (x) => t.add(x, t.mean(x, -1, { keepDims: true })),
    (x) => t.softmax(x),
    (x) => t.matMul(x, x, { transposeB: true }),
    (x) => t.gelu(x),
    (x) => t.concat([x, x], 0),
    (x) => t.slice(x, [0, 0], [x.shape[0]!, Math.ceil(x.shape[1]! / 2)]),
    (x) => t.transpose(x, [1, 0]),
  ];

  it('have the slope of the chain', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(links.length - 1), { minLength: 1, maxLength: 4 }),
        fc.nat(1000),
        async (chain, seed) => {
          const test: Case = {
            op: 'chain',
            shapes: [[3, 4]],
            fn: (x) => chain.reduce((value, link) => links[link]!(value), x),
          };
          const hosts = [apart([3, 4], -1, 1, seed)];
          const inputs = hosts.map((host) => backend.constant(host));
          const { value, grads } = valueAndGrad(backend, inputs, () => lossOf(test, inputs));
          const got = (await grads[0]!.data())[5]!;
          const wanted = await difference(test, hosts, 0, 5);
          t.disposeAll([value, grads, inputs]);
          expect(Math.abs(got - wanted)).toBeLessThan(1e-3 * Math.max(1, Math.abs(wanted)));
        },
      ),
      { numRuns: 100 },
    );
  });
});
