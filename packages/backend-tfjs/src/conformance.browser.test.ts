/** The conformance suite in a browser; on WebGPU a share of it by day. */

import { conformanceTests } from '@patchslim/tensor/conformance';
import { sampleByDay } from '@patchslim/testing/by-day';
import { describe, it } from 'vitest';
import { checkCase } from '../test/check-case.js';
import { webgpuExclusions } from '../test/exclusions.js';
import { createWasmBackend } from './wasm.js';
import { createWebGpuBackend } from './webgpu.js';

describe.each([
  ['webgpu', createWebGpuBackend, sampleByDay(8, conformanceTests(webgpuExclusions))],
  ['wasm', createWasmBackend, conformanceTests([])],
] as const)('conformance of tfjs-%s in Chromium', async (_, open, tests) => {
  const backend = await open();

  for (const test of tests) it(test.name, () => checkCase(test, backend));
});
