/** The conformance suite on onnxruntime-web's WebGPU provider, without fallback to the CPU; a share of it by day. */

import { conformanceTests } from '@patchslim/tensor/conformance';
import { sampleByDay } from '@patchslim/testing/by-day';
import { describe, expect, it } from 'vitest';
import { exclusions } from '../test/exclusions.js';
import { createOnnxWebBackend } from './index.js';

describe('conformance of webgpu in Chromium', async () => {
  const backend = await createOnnxWebBackend({ provider: 'webgpu', threads: 1, disableCpuFallback: true });

  for (const test of sampleByDay(8, conformanceTests(exclusions['web webgpu']))) {
    it(test.name, { timeout: 300_000 }, async () => {
      await test.run(backend);
      expect(backend.memory.liveTensors).toBe(0);
    });
  }
});
