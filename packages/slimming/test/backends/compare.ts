/** Allowed differences between two runs of the pipeline: rounding only. */

import type { Scores } from '@patchslim/slimming-schedules';
import type { PlanBlock } from '@patchslim/token-reducers';
import { expect } from 'vitest';
import type { PipelineResult } from './run-pipeline.js';

/** Largest difference of logits. */
export const logitTolerance = 2e-3;
/** Scores that differ by less than this share of the block's largest score can swap. */
export const scoreTolerance = 1e-4;

/** The exported file is compared byte by byte. If positions were swapped, only its length is compared. */
export function expectSameResult(got: PipelineResult, wanted: PipelineResult): void {
  const samePlan = JSON.stringify(got.blocks) === JSON.stringify(wanted.blocks);
  expect(samePlan ? got.onnx : got.onnx.length).toEqual(samePlan ? wanted.onnx : wanted.onnx.length);
  expectSamePlan(got.blocks, wanted.blocks, wanted.scores);
  for (const [block, scores] of wanted.scores.entries()) {
    const largest = Math.max(...Array.from(scores));
    expect(largestDifference(got.scores[block]!, scores) / largest).toBeLessThan(scoreTolerance);
  }
  expect(largestDifference(got.dense, wanted.dense)).toBeLessThan(logitTolerance);
  expect(largestDifference(got.slimmed, wanted.slimmed)).toBeLessThan(logitTolerance);
  expect(got.top1).toBe(wanted.top1);
  expect(got.leaked).toBe(0);
}

/** Positions can be swapped only if their scores are closer than the tolerance. */
export function expectSamePlan(
  got: readonly PlanBlock[],
  wanted: readonly PlanBlock[],
  scores: readonly Scores[],
): void {
  expect(got.map(countOf)).toEqual(wanted.map(countOf));
  for (const [block, entry] of wanted.entries()) {
    const [here, there] = [keptBy(got[block]!), keptBy(entry)];
    const swapped = [...without(here, there), ...without(there, here)];
    if (swapped.length === 0) continue;
    const values = swapped.map((position) => scores[block]![position]!);
    const spread = (Math.max(...values) - Math.min(...values)) / Math.max(...Array.from(scores[block]!));
    expect(spread, `block ${block} keeps other positions: ${swapped.join(', ')}`).toBeLessThan(
      scoreTolerance,
    );
  }
}

const countOf = (entry: PlanBlock): string => `${entry.kind} ${keptBy(entry).length}`;
const keptBy = (entry: PlanBlock): readonly number[] => (entry.kind === 'keep' ? entry.keep : []);
const without = (a: readonly number[], b: readonly number[]): number[] =>
  a.filter((position) => !b.includes(position));

export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  return Array.from(a).reduce((worst, value, i) => Math.max(worst, Math.abs(value - b[i]!)), 0);
}
