/** Memory after many evaluations or training steps equals memory after 5, on every backend that runs in Node. */

import { describe, it } from 'vitest';
import { compareAfterEvaluations } from './evaluations.js';
import { nodeBackends } from './node-backends.js';
import { expectSteadyProcess } from './process-memory.js';
import { repeats } from './repeats.js';
import { compareAfterTraining } from './training.js';

describe.each([
  [`${repeats.evaluations} evaluations`, compareAfterEvaluations],
  [`${repeats.steps} training steps`, compareAfterTraining],
])('after %s', (_, compare) => {
  it.each(nodeBackends)('%s', async (_, open) => {
    const backend = await open();
    await expectSteadyProcess(backend, compare);
    await backend.close();
  });
});
