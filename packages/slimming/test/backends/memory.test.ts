/** After 200 evaluations, or 100 training steps, a process holds what it held after 5, on every backend that runs in Node. */

import { describe, it } from 'vitest';
import { compareAfterEvaluations } from './evaluations.js';
import { nodeBackends } from './node-backends.js';
import { expectSteadyProcess } from './process-memory.js';
import { compareAfterTraining } from './training.js';

describe.each([
  ['200 evaluations', compareAfterEvaluations],
  ['100 training steps', compareAfterTraining],
])('after %s', (_, compare) => {
  it.each(nodeBackends)('%s', async (_, open) => {
    const backend = await open();
    await expectSteadyProcess(backend, compare);
    await backend.close();
  });
});
