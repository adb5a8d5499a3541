/** Gradients of a whole block against an independent implementation: TensorFlow.js's own gradients. */

import type { Backend } from '@patchslim/tensor';
import { createReferenceBackend } from '@patchslim/tensor/reference';
import { registerTfjsGradients } from '@patchslim/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { createCpuBackend } from '../src/cpu.js';
import { createWasmBackend } from '../src/wasm.js';
import { gradientsOfTfjs, gradientsOn, type BlockGradients } from './block-gradients.js';

/** Largest difference, as a share of the largest value of the same gradient. */
const tolerance = 1e-5;
/** The key bias shifts all products of a query equally, so its gradient is zero up to rounding. */
const zero = 'key.bias';

const largest = (values: Iterable<number>): number => Math.max(...[...values].map(Math.abs));

function expectSame(got: BlockGradients, wanted: BlockGradients): void {
  expect(Math.abs(got.loss / wanted.loss - 1)).toBeLessThan(tolerance);
  expect(got.gradients.size).toBe(17);
  for (const [name, values] of wanted.gradients) {
    const other = got.gradients.get(name)!;
    expect(other.length).toBe(values.length);
    if (name === zero) {
      expect([largest(other), largest(values)].map((value) => value < 1e-6)).toEqual([true, true]);
      continue;
    }
    expect(largest(values), name).toBeGreaterThan(1e-3);
    const difference = largest(values.map((value, i) => value - other[i]!));
    expect(difference / largest(values), name).toBeLessThan(tolerance);
  }
}

beforeAll(registerTfjsGradients);

describe.each(['cpu', 'wasm'] as const)('the gradients of tfjs itself on %s', (tfBackend) => {
  let wanted: BlockGradients;
  beforeAll(async () => {
    wanted = await gradientsOfTfjs(tfBackend);
  });

  it.each<[string, () => Promise<Backend>]>([
    ['the reference backend', () => Promise.resolve(createReferenceBackend())],
    ['tfjs cpu', createCpuBackend],
    ['tfjs wasm', createWasmBackend],
  ])('equal valueAndGrad on %s', async (_, open) => {
    const backend = await open();
    expectSame(await gradientsOn(backend), wanted);
    expect(backend.memory.liveTensors).toBe(0);
    await backend.close();
  });
});
