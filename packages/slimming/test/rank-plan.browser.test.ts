/** A plan that ranks the tokens of each image, on every backend that runs in Chromium. */

import { createReferenceBackend } from '@patchslim/tensor/reference';
import { expect, it } from 'vitest';
import { browserBackends } from './backends/browser-backends.js';
import { largestDifference, logitTolerance } from './backends/compare.js';
import { rankedLogits } from './rank-plan.js';

it.each(browserBackends)('gives the logits of the reference on %s', { timeout: 600_000 }, async (_, open) => {
  const wanted = await rankedLogits(createReferenceBackend());
  const backend = await open();
  expect(largestDifference((await rankedLogits(backend)).data, wanted.data)).toBeLessThan(logitTolerance);
  await backend.close();
});
