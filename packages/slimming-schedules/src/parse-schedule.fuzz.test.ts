/** Hostile schedule texts. */

import { fuzz, fuzzTimeout, mutatedText } from '@patchslim/testing';
import { expect, it } from 'vitest';
import { tinyConfig, toyOracle } from '../test/toy.js';
import { parseSchedule } from './index.js';

const texts = [
  'counts:10,4,1',
  'constant:3',
  'budget:0.6',
  'budget:12ms@native',
  'keep-ratio:0.7@1,2',
  'top-down:tolerance=0.02,granularity=10,norm=relative',
];
const tokens = [
  ...[':', ',', '@', '=', '.', '-', '0x', '1e', '1e999', '1e-320', 'NaN', '9007199254740993', ' ', '\t'],
  ...[
    'counts',
    'constant',
    'budget',
    'ms@',
    'keep-ratio',
    'top-down',
    'tolerance=',
    'norm=',
    'mean',
    '__proto__',
    '0'.repeat(10_000),
  ],
];
const network = { config: tinyConfig, scores: [0, 1, 2].map(() => [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]) };

it('a schedule makes a plan, or is refused', { timeout: fuzzTimeout }, async () => {
  const { accepted, refused } = await fuzz({
    inputs: mutatedText(texts, tokens),
    read: async (text) => {
      const schedule = parseSchedule(text);
      expect(parseSchedule(schedule.spec).spec).toBe(schedule.spec);
      expect((await schedule.plan(toyOracle(network))).plan).toHaveLength(tinyConfig.depth);
    },
    codes: ['INVALID_ARGUMENT', 'UNKNOWN_NAME'],
  });
  expect(accepted).toBeGreaterThan(0);
  expect(refused['INVALID_ARGUMENT']).toBeGreaterThan(0);
  expect(refused['UNKNOWN_NAME']).toBeGreaterThan(0);
});
