/** The contract of `valueAndGrad` apart from the gradients, which gradients.test.ts checks. */

import { describe, expect, it } from 'vitest';
import * as t from '../index.js';
import { float32 } from '../index.js';
import { createReferenceBackend } from '../reference/index.js';
import { stopGradient } from './stop-gradient.js';
import { valueAndGrad } from './value-and-grad.js';

const backend = createReferenceBackend();

describe('valueAndGrad', () => {
  const x = () => backend.constant(float32([2], [3, -1]));

  it('returns the value, zeros for unused tensors, and a separate tensor for each', async () => {
    const [a, b, unused] = [x(), x(), x()];
    const { value, grads } = valueAndGrad(backend, [a, b, unused], () => t.sum(t.add(a, b)));
    expect([...(await value.data())]).toEqual([4]);
    const read = await Promise.all(grads.map(async (grad) => [...(await grad.data())]));
    expect(read).toEqual([
      [1, 1],
      [1, 1],
      [0, 0],
    ]);
    expect(new Set(grads).size).toBe(3);
    t.disposeAll([a, b, unused, value, grads]);
  });

  it('stops gradients at positions and comparisons', async () => {
    const a = x();
    const { value, grads } = valueAndGrad(backend, [a], () =>
      t.sum(t.mul(t.cast(t.greater(a, 0), 'float32'), t.gather(a, t.topK(a, 2), 0))),
    );
    expect([...(await grads[0]!.data())]).toEqual([1, 0]);
    t.disposeAll([a, value, grads]);
  });

  it('treats stopGradient as a constant', async () => {
    const a = x();
    const { value, grads } = valueAndGrad(backend, [a], () => t.sum(t.mul(a, stopGradient(t.exp(a)))));
    const [three, minusOne] = [Math.exp(3), Math.exp(-1)];
    expect((await value.data())[0]).toBeCloseTo(3 * three - minusOne, 4);
    const [first, second] = [...(await grads[0]!.data())];
    expect(first).toBeCloseTo(three, 4); // with the slope of the exponential: four times as much
    expect(second).toBeCloseTo(minusOne, 4);
    t.disposeAll([a, value, grads]);
  });

  it('leaks no tensor, also on a throw, and stops recording ops afterwards', () => {
    const a = x();
    const live = backend.memory.liveTensors;
    const { value, grads } = valueAndGrad(backend, [a], () => t.sum(t.gelu(t.softmax(a))));
    expect(backend.memory.liveTensors).toBe(live + 2);
    t.disposeAll([value, grads]);
    expect(() => valueAndGrad(backend, [a], () => t.sum(t.reshape(t.exp(a), [3])))).toThrow(
      expect.objectContaining({ code: 'SHAPE_MISMATCH' }),
    );
    expect(() => valueAndGrad(backend, [a], () => t.exp(a))).toThrow(
      /expected a function that returns float32\[\]/,
    );
    expect(backend.memory.liveTensors).toBe(live);
    expect(backend.tape).toBeUndefined();
    a.dispose();
  });

  it('refuses second derivatives', () => {
    const a = x();
    const live = backend.memory.liveTensors;
    const twice = () =>
      valueAndGrad(backend, [a], () => t.sum(valueAndGrad(backend, [a], () => t.sum(t.exp(a))).grads[0]!));
    expect(twice).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
    expect(backend.memory.liveTensors).toBe(live);
    a.dispose();
  });

  it('compiles: a step of gradient descent is one program', async () => {
    const program = await backend.compile(
      ({ w }) => {
        const { value, grads } = valueAndGrad(backend, [w], () => t.sum(t.mul(w, w)));
        return { loss: value, next: t.sub(w, t.mul(grads[0]!, 0.25)) };
      },
      { w: { shape: [2], dtype: 'float32' } },
    );
    const { loss, next } = await t.runOnHost(backend, program, { w: float32([2], [4, 2]) });
    expect([[...loss.data], [...next.data]]).toEqual([[20], [2, 1]]);
    await program.dispose();
    expect(backend.memory.liveTensors).toBe(0);
  });
});
