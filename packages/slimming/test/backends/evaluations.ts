/** Repeated evaluations, for leak tests. */

import type { Backend } from '@patchslim/tensor';
import { disposeModel, losslessPlan } from '@patchslim/vit-models';
import { evaluate } from '../../src/index.js';
import { smallModel, smallTensors } from '../small-model.js';
import { repeats } from './repeats.js';

/** Results of `measure` after 5 evaluations, and after all. */
export async function compareAfterEvaluations<T>(
  backend: Backend,
  measure: () => T | Promise<T>,
): Promise<{ readonly early: T; readonly late: T }> {
  const model = await smallModel(backend, 2);
  const images = smallTensors(1);
  const options = { plan: losslessPlan(model.config), batchSize: 1 };
  const run = async (times: number) => {
    for (let i = 0; i < times; i++) await evaluate(model, images, options);
  };
  await run(5);
  const early = await measure();
  await run(repeats.evaluations - 5);
  const late = await measure();
  disposeModel(model);
  return { early, late };
}
