/** Hostile plans: the reader of the format, and the check against a model. */

import { fuzz, fuzzTimeout, mutatedJsonText } from '@patchslim/testing';
import { losslessPlan, type BlockPlan } from '@patchslim/vit-models';
import { expect, it } from 'vitest';
import { tinyConfig } from '../test/toy.js';
import { blocksFor, createPlan, formatPlan, parsePlan, type Provenance } from './index.js';

const origin: Provenance = {
  tool: 'patchslim 0.1.0',
  method: 'patch-slimming',
  estimator: 'impact',
  attention: 'dense',
  schedule: 'top-down:tolerance=0.02',
  keys: 'compact',
  seed: 0,
  data: 'images',
  images: 256,
  macs: { dense: 1000, slimmed: 600 },
  errors: [0, 0.013, null],
};
const model = { config: tinyConfig, fingerprint: 'a'.repeat(64) };
const slimmed: BlockPlan[] = [
  { kind: 'dense' },
  { kind: 'keep', keep: [0, 4, 9], keys: 'all' },
  { kind: 'keep', keep: [0], keys: 'compact' },
];
const ranker = {
  name: 'predictor',
  positions: Array.from({ length: 10 }, (_, i) => i / 7),
  weights: [0.5, -2],
} as const;
const ranked: BlockPlan[] = [
  { kind: 'dense' },
  { kind: 'rank', count: 4, ranker },
  { kind: 'keep', keep: [0], keys: 'compact' },
];
const plans = [slimmed, losslessPlan(tinyConfig), ranked].map((blocks) => createPlan(model, blocks, origin));

it('a plan is read and can be written again, or is refused', { timeout: fuzzTimeout }, async () => {
  const { accepted, refused } = await fuzz({
    inputs: mutatedJsonText(plans),
    read: (text) => {
      const plan = parsePlan(text);
      const written = formatPlan(plan);
      expect(formatPlan(parsePlan(written))).toBe(written);
      expect(blocksFor(plan, model)).toHaveLength(tinyConfig.depth);
    },
    codes: ['PLAN_INVALID', 'PLAN_MISMATCH'],
  });
  expect(accepted).toBeGreaterThan(0);
  expect(refused['PLAN_INVALID']).toBeGreaterThan(0);
  expect(refused['PLAN_MISMATCH']).toBeGreaterThan(0);
});
