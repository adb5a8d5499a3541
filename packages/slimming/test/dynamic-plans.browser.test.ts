/** Plans that choose the tokens of each image, on every backend that runs in Chromium. */

import { createReferenceBackend } from '@patchslim/tensor/reference';
import { describe, expect, it } from 'vitest';
import { browserBackends } from './backends/browser-backends.js';
import { largestDifference, logitTolerance } from './backends/compare.js';
import { dynamicPlans, logitsOf } from './dynamic-plans.js';

describe.each(dynamicPlans)('a plan %s', (_, plan) => {
  it.each(browserBackends)(
    'gives the logits of the reference on %s',
    { timeout: 600_000 },
    async (_name, open) => {
      const wanted = await logitsOf(createReferenceBackend(), plan);
      const backend = await open();
      expect(largestDifference((await logitsOf(backend, plan)).data, wanted.data)).toBeLessThan(
        logitTolerance,
      );
      await backend.close();
    },
  );
});
