/** After 200 evaluations a process holds what it held after 5, on every backend that runs in Node. */

import { expect, it } from 'vitest';
import { compareAfterEvaluations } from './evaluations.js';
import { nodeBackends } from './node-backends.js';
import { processMegabytes } from './process-memory.js';

it.each(nodeBackends)('%s', async (_, open) => {
  const backend = await open();
  const measure = async () => ({ ...(await processMegabytes()), tensors: backend.memory.liveTensors });
  const { early, late } = await compareAfterEvaluations(backend, measure);
  expect(late.tensors).toBe(early.tensors);
  expect(late.reachable - early.reachable).toBeLessThan(4);
  expect(late.resident - early.resident).toBeLessThan(60);
  expect(backend.memory.liveTensors).toBe(0);
  await backend.close();
});
