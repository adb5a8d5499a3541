/** Repeated training steps: they reduce the loss, refuse values that are not finite, and leak nothing. */

import {
  createRandom,
  disposeAll,
  float32,
  int32,
  linear,
  mapValues,
  sizeOf,
  type Backend,
  type HostTensor,
  type Shape,
  type Tensor,
} from '@patchslim/tensor';
import { adamW, createTrainer, crossEntropy } from '@patchslim/training';
import { expect } from 'vitest';
import { repeats } from './repeats.js';

const random = createRandom(3);
const noise = (shape: Shape): HostTensor<'float32'> =>
  float32(
    shape,
    Float32Array.from({ length: sizeOf(shape) }, () => 2 * random() - 1),
  );

/** One matrix: on software GPUs every op takes milliseconds. The conformance suite tests the gradients of a block. */
const start = { weight: noise([6, 3]) };
type Params = { readonly [K in keyof typeof start]: Tensor };

const batch = { x: noise([4, 6]), labels: int32([4], [0, 1, 2, 0]) };
const broken = { ...batch, x: float32([4, 6], batch.x.data.with(7, NaN)) };
const rate = 2 / repeats.steps;

/** Results of `measure` after 5 steps of AdamW and after all, with a step on NaN in between. */
export async function compareAfterTraining<T>(
  backend: Backend,
  measure: () => T | Promise<T>,
): Promise<{ readonly early: T; readonly late: T }> {
  const params: Params = mapValues(start, (host) => backend.constant(host));
  const trainer = await createTrainer({
    backend,
    params,
    inputs: batch,
    loss: ({ weight }, { x, labels }) => crossEntropy(linear(x, weight), labels),
    optimizer: adamW(),
  });
  const losses: number[] = [];
  const run = async (times: number) => {
    for (let i = 0; i < times; i++) losses.push((await trainer.step(batch, rate)).loss);
  };
  await run(5);
  const early = await measure();
  await expect(trainer.step(broken, rate)).rejects.toMatchObject({ code: 'NUMERICAL' });
  await run(repeats.steps - 5);
  const late = await measure();
  expect(losses.at(-1)).toBeLessThan(losses[0]! / 2);
  await trainer.dispose();
  disposeAll(params);
  return { early, late };
}
