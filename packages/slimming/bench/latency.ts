/**
 * Whether block times predict the times of whole plans: predicted from the table, and measured, dense and slimmed in
 * turn.
 */

import { budgetCounts, everyNth } from '@patchslim/slimming-schedules';
import { reportMeasurement, type MeasuredSide, type RealData } from '@patchslim/testing';
import { costOfCounts, planOfCounts } from '../src/counted-plan.js';
import { compareSpeed, parseMethod } from '../src/index.js';
import { latencyOf } from '../src/latency/latency-table.js';
import { measureLatency } from '../src/latency/measure-latency.js';
import { setUp } from './setup.js';

/** Share of the multiply-accumulates, and distance between selecting blocks. */
const shapes = [
  [0.5, 1],
  [0.5, 3],
  [0.7, 1],
  [0.7, 3],
] as const;
const runs = 60;

export async function benchLatency(data: RealData): Promise<void> {
  const { model } = await setUp(data, 1);
  const { blockOf } = parseMethod('ward');
  const { config } = model;
  const table = await measureLatency(model, blockOf, { runs });
  const msOf = latencyOf(table);
  const sides: MeasuredSide[] = [];
  for (const [share, every] of shapes) {
    const counts = budgetCounts(config, share, costOfCounts(config, blockOf), everyNth(every));
    const [measured] = await compareSpeed(model, planOfCounts(config, counts, blockOf), {
      batches: [1],
      runs,
    });
    const { speedup, spread } = measured!;
    const predicted = (table.dense / msOf(counts)).toFixed(2);
    const name = `${share} of the MACs, every ${every} blocks: measured, where block times predict ${predicted}`;
    sides.push({ name, median: speedup, low: spread[0], high: spread[1] });
  }
  reportMeasurement({
    title: 'dense over slimmed time of ward, batch 1',
    rounds: runs,
    spread: 'quartiles',
    sides,
  });
}
