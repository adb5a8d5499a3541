/** Plans that choose tokens per image, on every backend that runs in Chromium. */

import { createReferenceBackend } from '@patchslim/tensor/reference';
import { describe, expect, it } from 'vitest';
import { browserBackends, isGpu } from './backends/browser-backends.js';
import { largestDifference, logitTolerance } from './backends/compare.js';
import { fewOnGpu, nightly } from '@patchslim/testing/by-day';
import { dynamicPlans, familyPlans, logitsOf } from './dynamic-plans.js';

// Only at night: each software GPU takes half a minute for one plan of each kind, and families run in Node by day.
const backends = browserBackends.filter(([name]) => nightly || !isGpu(name));
const familyPlansOn = (name: string) => (nightly ? fewOnGpu(familyPlans, isGpu(name)) : []);

describe.each(backends)('on %s the logits are those of the reference', (name, open) => {
  it.each(fewOnGpu(dynamicPlans, isGpu(name)))(
    'under a plan %s',
    { timeout: 600_000 },
    async (_name, plan) => {
      const wanted = await logitsOf(createReferenceBackend(), plan);
      const backend = await open();
      const { data } = await logitsOf(backend, plan);
      expect(largestDifference(data, wanted.data)).toBeLessThan(logitTolerance);
      await backend.close();
    },
  );

  it.each(familyPlansOn(name))(
    'of $config.name under a plan that merges and picks',
    { timeout: 600_000 },
    async ({ config, plan }) => {
      const wanted = await logitsOf(createReferenceBackend(), plan, config);
      const backend = await open();
      const { data } = await logitsOf(backend, plan, config);
      expect(largestDifference(data, wanted.data)).toBeLessThan(logitTolerance);
      await backend.close();
    },
  );
});
