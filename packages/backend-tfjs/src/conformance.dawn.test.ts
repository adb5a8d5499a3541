/** The conformance suite on WebGPU in Node; a share of it by day. */

import { conformanceTests } from '@patchslim/tensor/conformance';
import { it } from 'vitest';
import { checkCase } from '../test/check-case.js';
import { nodeBackend } from '../test/node-backends.js';
import { describeOnGpu } from '@patchslim/testing';
import { sampleByDay } from '@patchslim/testing/by-day';

const { name, open, exclusions = [] } = nodeBackend('tfjs-webgpu');

describeOnGpu(`conformance of ${name} in Node`, async () => {
  const backend = await open();

  for (const test of sampleByDay(8, conformanceTests(exclusions)))
    it(test.name, () => checkCase(test, backend));
});
