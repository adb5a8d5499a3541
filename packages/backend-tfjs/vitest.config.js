import { packageTests, packageTestsEverywhere } from '../../tools/config/vitest.js';

// test/run.js sets the variable.
export default process.env.PATCHSLIM_TFJS_BACKEND === undefined
  ? packageTestsEverywhere()
  : packageTests({ include: ['src/conformance.test.ts'], reporters: ['default'] });
