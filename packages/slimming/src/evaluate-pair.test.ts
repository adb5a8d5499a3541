/** Differences are paired image by image. */

import { expect, it } from 'vitest';
import type { Predictions } from './predictions.js';
import { summarizePair } from './evaluate-pair.js';
import { pairedShareDifference } from './intervals/paired-difference.js';

const labels = Int32Array.of(0, 1, 2, 3, 4);
const predictions = (classes: readonly number[], inTop5: readonly number[]): Predictions => {
  const times = { decodeMs: 1, inferMs: 1, totalMs: 2 };
  const ids = labels.toString().split(',');
  return { ids, classes: Int32Array.from(classes), labels, inTop5: Uint8Array.from(inTop5), ...times };
};

it('gives an interval for each figure and each difference', () => {
  const dense = predictions([0, 1, 2, 0, 0], [1, 1, 1, 1, 0]);
  const { change, ...pair } = summarizePair(dense, predictions([0, 1, 0, 0, 4], [1, 1, 1, 0, 0]));
  expect(pair.dense).toMatchObject({ top1: 60, top5: 80 });
  expect(pair.slimmed).toMatchObject({ top1: 60, top5: 60, agreement: 60 });
  // One image won, one lost, of five: (2 + 1) / 7 and a mean of 0. One lost: (1 + 1) / 7 and a mean of −1 / 7.
  expect(change!.top1.mean).toBe(0);
  expect(change!.top1.interval[1]).toBeCloseTo(196 * Math.sqrt(3 / 7 / 7), 9);
  expect(change!.top5!.mean).toBe(-20);
  expect(change!.top5!.interval[0]).toBeCloseTo(-100 / 7 - 196 * Math.sqrt((2 / 7 - 1 / 49) / 7), 9);
});

it.each([
  [5, 28.0],
  [1000, 0.2],
])('does not give a zero interval for %i images without a change', (count, margin) => {
  const answers = Array.from({ length: count }, () => true);
  const { mean, interval } = pairedShareDifference(answers, answers);
  expect(mean).toBe(0);
  expect(interval[0]).toBeCloseTo(-margin, 1);
  expect(interval[1]).toBeCloseTo(margin, 1);
});

it('stays between −100 and 100 points', () => {
  const { mean, interval } = pairedShareDifference([false, false], [true, true]);
  expect(mean).toBe(100);
  expect(interval[1]).toBe(100);
});

it('has no change without labels', () => {
  const { ids, classes, ...rest } = predictions([0, 1, 2, 0, 0], []);
  const unlabelled = { ids, classes, inTop5: rest.inTop5, decodeMs: 1, inferMs: 1, totalMs: 2 };
  expect(summarizePair(unlabelled, unlabelled)).not.toHaveProperty('change');
});
