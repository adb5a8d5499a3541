// Tests of a backend that needs a download too large for every run: `npm run rarely-run -w docs -- tfjs-node`. `npm test` leaves them
// out and says so.
import { fileURLToPath } from 'node:url';
import { packageTests } from './vitest.js';

const rare = packageTests({
  root: fileURLToPath(new URL('../..', import.meta.url)),
  include: ['packages/*/{src,test}/**/*.rare.test.ts', 'packages/backend-tfjs/src/conformance.test.ts'],
  exclude: ['**/node_modules/**'],
  reporters: ['default', ['json', { outputFile: 'test-results/rarely-run.json' }]],
  maxWorkers: 1, // memory is measured
});

export default rare;
