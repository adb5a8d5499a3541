/** Hostile plans against the parser and the check against a model. */

import { fuzz, fuzzTimeout, mutatedJsonText } from '@patchslim/testing';
import { createReducer } from '@patchslim/token-reducers';
import { losslessPlan, type BlockPlan } from '@patchslim/vit-models';
import { expect, it } from 'vitest';
import { tinyConfig } from '../test/toy.js';
import { blocksFor, createPlan, formatPlan, parsePlan, type Provenance } from './index.js';

const origin: Provenance = {
  tool: 'patchslim 0.1.0',
  method: 'patch-slimming',
  schedule: 'top-down:tolerance=0.02',
  macs: { dense: 1000, slimmed: 600 },
  images: { name: 'images', count: 256, seed: 0 },
  steps: [
    { step: 'scored', score: 'impact', deeperBlocks: 'dense', images: 256 },
    { step: 'top-down', errors: [0, 0.013, null] },
  ],
};
const model = { config: tinyConfig, fingerprint: 'a'.repeat(64) };
const slimmed: BlockPlan[] = [
  { kind: 'dense' },
  { kind: 'keep', keep: [0, 4, 9], keys: 'all' },
  { kind: 'keep', keep: [0], keys: 'compact' },
];
const score = {
  name: 'predictor' as const,
  positions: Array.from({ length: 10 }, (_, i) => i / 7),
  weights: [0.5, -2],
};
const reduced: BlockPlan[] = [
  { kind: 'reduce', count: 8, reducer: createReducer('pitome', { margin: 0.5 }) },
  { kind: 'reduce', count: 4, reducer: createReducer('top-k', { score }) },
  { kind: 'keep', keep: [0], keys: 'compact' },
];
const plans = [slimmed, losslessPlan(tinyConfig), reduced].map((blocks) => createPlan(model, blocks, origin));
/** A plan in format version 1. */
const version1 = {
  ...plans[2]!,
  version: 1,
  blocks: [
    { kind: 'merge', count: 8, merger: { name: 'pitome', margin: 0.5 } },
    { kind: 'rank', count: 4, ranker: score, rest: 'fuse' },
    { kind: 'keep', keep: [0], keys: 'compact' },
  ],
};

it('a plan is read and can be written again, or is refused', { timeout: fuzzTimeout }, async () => {
  const { accepted, refused } = await fuzz({
    inputs: mutatedJsonText([...plans, version1]),
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
