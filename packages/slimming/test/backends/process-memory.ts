/** Memory of a Node process after few and after many evaluations or training steps, after garbage collection. */

import type { Backend } from '@patchslim/tensor';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect } from 'vitest';
import type { compareAfterEvaluations } from './evaluations.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** `compare` does the work twice and returns the measurement after each. */
export async function expectSteadyProcess(
  backend: Backend,
  compare: typeof compareAfterEvaluations,
): Promise<void> {
  const measure = async () => ({ ...(await megabytes()), tensors: backend.memory.liveTensors });
  const { early, late } = await compare(backend, measure);
  expect(late.tensors).toBe(early.tensors);
  expect(late.reachable - early.reachable).toBeLessThan(4);
  expect(late.resident - early.resident).toBeLessThan(60);
  expect(backend.memory.liveTensors).toBe(0);
}

/**
 * MB in JavaScript's heap and external buffers, and MB of the process: the smallest of several readings, because a
 * busy machine frees memory late.
 */
async function megabytes(): Promise<{ readonly reachable: number; readonly resident: number }> {
  let [reachable, resident] = [Infinity, Infinity];
  for (let i = 0; i < 5; i++) {
    collectGarbage();
    await new Promise((done) => setTimeout(done, 50)); // finalisers run between tasks
    const { heapUsed, external, arrayBuffers, rss } = process.memoryUsage();
    reachable = Math.min(reachable, (heapUsed + external + arrayBuffers) / 2 ** 20);
    resident = Math.min(resident, rss / 2 ** 20);
  }
  return { reachable, resident };
}
