/** The conformance suite in a browser. */

import { conformanceTests } from '@patchslim/tensor/conformance';
import { describe, it } from 'vitest';
import { checkCase } from '../test/check-case.js';
import { webgpuExclusions } from '../test/exclusions.js';
import { createWasmBackend } from './wasm.js';
import { createWebGpuBackend } from './webgpu.js';

describe.each([
  ['webgpu', createWebGpuBackend, webgpuExclusions],
  ['wasm', createWasmBackend, []],
] as const)('conformance of tfjs-%s in Chromium', async (_, open, exclusions) => {
  const backend = await open();

  for (const test of conformanceTests(exclusions)) it(test.name, () => checkCase(test, backend));
});
