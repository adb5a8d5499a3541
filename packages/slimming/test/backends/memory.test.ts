/** After 200 evaluations a process holds what it held after 5, on every backend that runs in Node. */

import { it } from 'vitest';
import { nodeBackends } from './node-backends.js';
import { expectSteadyProcess } from './process-memory.js';

it.each(nodeBackends)('%s', async (_, open) => {
  const backend = await open();
  await expectSteadyProcess(backend);
  await backend.close();
});
