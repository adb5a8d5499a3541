/** Runs a conformance case on a tfjs backend: it must pass and leak nothing, here or within tfjs. */

import type { Backend } from '@patchslim/tensor';
import type { ConformanceTest } from '@patchslim/tensor/conformance';
import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'vitest';

/** Tensors alive in tfjs, on all its backends. */
export const tensorsInTfjs = (): number => tf.engine().state.numTensors;

export async function checkCase({ run }: ConformanceTest, backend: Backend): Promise<void> {
  const before = tensorsInTfjs();
  await run(backend);
  expect(backend.memory.liveTensors).toBe(0);
  expect(tensorsInTfjs()).toBe(before);
}
