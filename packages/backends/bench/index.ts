/** Cost of picking: the first working backend of a list, against opening it by name. */

import { compareRuns } from '@patchslim/testing';
import { openBackend, pickBackend } from '../src/index.js';

await compareRuns('native backend', [
  { name: 'openBackend', run: async () => (await openBackend('native')).close() },
  {
    name: 'pickBackend, with its small program',
    run: async () => (await pickBackend(['native'])).backend.close(),
  },
]);
