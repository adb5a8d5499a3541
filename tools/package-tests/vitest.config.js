import { packageTests } from '../config/vitest.js';

export default packageTests({
  globalSetup: 'test/setup.ts',
  testTimeout: 240_000, // each test starts programs, possibly on a busy machine
});
