/** Differences are paired image by image. */

import { expect, it } from 'vitest';
import type { Predictions } from '../evaluate.js';
import { summarizePair } from './accuracy-change.js';

const labels = Int32Array.of(0, 1, 2, 3, 4);
const predictions = (classes: readonly number[], inTop5: readonly number[]): Predictions => {
  const times = { decodeMs: 1, inferMs: 1, totalMs: 2 };
  const ids = labels.toString().split(',');
  return { ids, classes: Int32Array.from(classes), labels, inTop5: Uint8Array.from(inTop5), ...times };
};

it('gives each figure its interval, and the differences theirs', () => {
  const dense = predictions([0, 1, 2, 0, 0], [1, 1, 1, 1, 0]);
  const { change, ...pair } = summarizePair(dense, predictions([0, 1, 0, 0, 4], [1, 1, 1, 0, 0]));
  expect(pair.dense).toMatchObject({ top1: 60, top5: 80 });
  expect(pair.slimmed).toMatchObject({ top1: 60, top5: 60, agreement: 60 });
  // One image won, one lost: mean 0, standard deviation √5000. One of five lost: mean −20, √2000.
  const margins = [5000, 2000].map((variance) => 1.96 * Math.sqrt(variance / 5));
  expect(change!.top1.mean).toBe(0);
  expect(change!.top1.interval[1]).toBeCloseTo(margins[0]!, 9);
  expect(change!.top5!.mean).toBe(-20);
  expect(change!.top5!.interval[0]).toBeCloseTo(-20 - margins[1]!, 9);
});

it('has no change without labels', () => {
  const { ids, classes, ...rest } = predictions([0, 1, 2, 0, 0], []);
  const unlabelled = { ids, classes, inTop5: rest.inTop5, decodeMs: 1, inferMs: 1, totalMs: 2 };
  expect(summarizePair(unlabelled, unlabelled)).not.toHaveProperty('change');
});
