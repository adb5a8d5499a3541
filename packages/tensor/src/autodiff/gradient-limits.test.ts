/** Gradients where the formula is undefined, compared with PyTorch's autograd. */

import { describe, expect, it } from 'vitest';
import * as t from '../index.js';
import { float32, type HostTensor, type Tensor } from '../index.js';
import { createReferenceBackend } from '../reference/index.js';
import { valueAndGrad } from './value-and-grad.js';

const backend = createReferenceBackend();

describe('the gradient of', () => {
  const gradsOf = async (hosts: readonly HostTensor[], fn: (...inputs: Tensor[]) => Tensor) => {
    const inputs = hosts.map((host) => backend.constant(host));
    const { value, grads } = valueAndGrad(backend, inputs, () => t.sum(fn(...inputs)));
    const values = await Promise.all(grads.map(async (grad) => [...(await grad.data())]));
    t.disposeAll([value, grads, inputs]);
    return values;
  };
  const row = (...values: number[]) => float32([values.length], values);

  it('a power at base 0', async () => {
    const bases = row(0, 0, 0, 0, 0, 0, 2);
    const exponents = row(3, 2, 1, 0.5, 0, -1, 3);
    const [ofBase, ofExponent] = await gradsOf([bases, exponents], (a, b) => t.pow(a, b));
    expect(ofBase).toEqual([0, 0, 1, Infinity, 0, -Infinity, 12]);
    expect(ofExponent!.map((x) => Math.fround(x) + 0)).toEqual([
      ...[0, 0, 0, 0, 0, -Infinity],
      Math.fround(8 * Math.LN2),
    ]);
  });

  it('a row of length 0, and one shorter than epsilon', async () => {
    const rows = float32([3, 2], [3, 4, 0, 0, 0.03, 0.04]);
    const weights = backend.constant(float32([2], [1, 2]));
    const weighted = (epsilon?: number) => (x: Tensor) => t.mul(t.normalize(x, 1, epsilon), weights);
    const [half] = await gradsOf([rows], weighted(0.5));
    for (const [i, want] of [-0.064, 0.048, 2, 4, 2, 4].entries()) expect(half![i]).toBeCloseTo(want, 6);
    const [usual] = await gradsOf([rows], weighted());
    expect([usual![2]! / 1e12, usual![3]! / 1e12].map((x) => Math.round(x * 1e5) / 1e5)).toEqual([1, 2]);
    for (const value of usual!) expect(value).not.toBeNaN();
  });

  it('roots and logarithms of 0, absolute values and equal values', async () => {
    expect(await gradsOf([row(0)], (x) => t.sqrt(x))).toEqual([[Infinity]]);
    expect(await gradsOf([row(0)], (x) => t.rsqrt(x))).toEqual([[-Infinity]]);
    expect(await gradsOf([row(0)], (x) => t.log(x))).toEqual([[Infinity]]);
    expect(await gradsOf([row(0, -0, -2)], (x) => t.abs(x))).toEqual([[0, 0, -1]]);
    expect(await gradsOf([row(1, 2), row(1, 1)], (a, b) => t.maximum(a, b))).toEqual([
      [0.5, 1],
      [0.5, 0],
    ]);
    expect(await gradsOf([row(1, 2), row(1, 1)], (a, b) => t.minimum(a, b))).toEqual([
      [0.5, 0],
      [0.5, 1],
    ]);
    expect(await gradsOf([row(3, 1, 3)], (x) => t.max(x))).toEqual([[0.5, 0, 0.5]]);
  });

  it('a softmax over minus infinity', async () => {
    const weights = backend.constant(row(1, 5, 2));
    const x = row(0, -Infinity, 0);
    const [ofSoftmax] = await gradsOf([x], (logits) => t.mul(t.softmax(logits), weights));
    expect(ofSoftmax).toEqual([-0.25, 0, 0.25]);
    const [ofLog] = await gradsOf([x], (logits) => t.slice(t.logSoftmax(logits), [0], [1]));
    expect(ofLog).toEqual([0.5, 0, -0.5]);
  });
});
