/** What a Node process holds after a few evaluations or training steps and after many, once garbage is collected. */

import type { Backend } from '@patchslim/tensor';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect } from 'vitest';
import type { compareAfterEvaluations } from './evaluations.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** `compare` does the work twice and gives what was measured after each. */
export async function expectSteadyProcess(
  backend: Backend,
  compare: typeof compareAfterEvaluations,
): Promise<void> {
  const measure = async () => ({ ...(await megabytes()), tensors: backend.memory.liveTensors });
  const { early, late } = await compare(backend, measure);
  expect(late.tensors).toBe(early.tensors);
  expect(late.reachable - early.reachable).toBeLessThan(4);
  expect(late.resident - early.resident).toBeLessThan(100); // allocators keep some: 61 were seen on a busy machine
  expect(backend.memory.liveTensors).toBe(0);
}

/** MB in JavaScript's heap and in buffers beside it, and MB that the system sees. */
async function megabytes(): Promise<{ readonly reachable: number; readonly resident: number }> {
  for (let i = 0; i < 3; i++) {
    collectGarbage();
    await new Promise((done) => setTimeout(done, 20)); // finalisers run between tasks
  }
  const { heapUsed, external, arrayBuffers, rss } = process.memoryUsage();
  return { reachable: (heapUsed + external + arrayBuffers) / 2 ** 20, resident: rss / 2 ** 20 };
}
