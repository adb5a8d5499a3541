import { packageTests } from '../../tools/config/vitest.js';

// Tests in Node start Chromium themselves: some need it without WebGPU, or a server without certain headers.
export default packageTests({
  globalSetup: 'test/global-setup.ts',
  sequence: { groupOrder: 2 }, // with the other browser tests: a software GPU and WebAssembly use every core
  testTimeout: 300_000,
});
