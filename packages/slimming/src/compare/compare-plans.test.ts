/** Plans beside each other. */

import { createOnnxBackend } from '@patchslim/backend-onnx';
import { parseSchedule } from '@patchslim/slimming-schedules';
import { createRandom } from '@patchslim/tensor';
import { losslessPlan } from '@patchslim/vit-models';
import { describe, expect, it } from 'vitest';
import { smallModel, smallTensors } from '../../test/small-model.js';
import {
  comparePlans,
  findRuntimeMethod,
  meanDivergence,
  pairedDifference,
  slimAtRunTime,
} from '../index.js';

describe('pairedDifference', () => {
  it('is the mean of the differences, with 1.96 standard errors on either side', () => {
    // Differences 0, 0, −100, 100, 100: mean 20, standard deviation √7000.
    const { mean, interval } = pairedDifference([0, 100, 100, 0, 0], [0, 100, 0, 100, 100]);
    expect(mean).toBe(20);
    const margin = 1.96 * Math.sqrt(7000 / 5);
    expect(interval[0]).toBeCloseTo(20 - margin, 10);
    expect(interval[1]).toBeCloseTo(20 + margin, 10);
  });

  it('holds the true mean in 95 of 100 samples', () => {
    const random = createRandom(4);
    let held = 0;
    for (let sample = 0; sample < 1000; sample++) {
      const first = Array.from({ length: 200 }, () => (random() < 0.8 ? 100 : 0));
      const second = first.map((hit) => (random() < 0.1 ? 100 - hit : hit));
      const { interval } = pairedDifference(first, second);
      // Of 100 hits 10 are lost, of 100 misses 10 are won: −8 + 2.
      if (interval[0] <= -6 && -6 <= interval[1]) held++;
    }
    expect(held).toBeGreaterThan(930);
    expect(held).toBeLessThan(970);
  });
});

describe('meanDivergence', () => {
  it('is zero for equal classes, whatever is added to their logits', () => {
    expect(meanDivergence(Float32Array.of(2, 5, 1), Float32Array.of(1, 4, 0), 3)).toBeCloseTo(0, 12);
  });

  it('is the mean over images of p (log p − log q)', () => {
    const even = Math.log(2);
    const [p, q] = [Float32Array.of(0, 0, 0, Math.log(3)), Float32Array.of(0, Math.log(3), 0, 0)];
    const first = even * -1 - 0.5 * (Math.log(0.25) + Math.log(0.75));
    const second = 0.25 * (Math.log(0.25) + even) + 0.75 * (Math.log(0.75) + even);
    expect(meanDivergence(q, p, 2)).toBeCloseTo((first + second) / 2, 6);
  });
});

describe('comparePlans', () => {
  it('measures each plan against the dense network on the same images', async () => {
    const model = await smallModel(await createOnnxBackend({ threads: 1 }));
    const plans = ['ward', 'tome'].map((name) =>
      slimAtRunTime(model, findRuntimeMethod(name), parseSchedule('budget:0.8')),
    );
    const lossless = { ...plans[0]!, blocks: losslessPlan(model.config) } as (typeof plans)[number];
    const images = smallTensors(12);
    const result = await comparePlans(model, [...plans, lossless], images, { batchSize: 5, runs: 1 });
    expect(result.images).toBe(12);
    expect(result.plans.map(({ method }) => method)).toEqual(['ward', 'tome', 'ward']);
    for (const plan of result.plans) {
      expect(plan.macs).toBeLessThan(result.dense.macs);
      expect(plan.macShare).toBeCloseTo(plan.macs / result.dense.macs, 12);
      expect(plan.spread).toEqual([plan.speedup, plan.speedup]); // of one pair
    }
    const [ward, , same] = result.plans;
    // Twelve equal classes of twelve images: z² = 3.8416, and 12 / (12 + z²).
    expect(same!.intervals.agreement![0]).toBeCloseTo(100 * (12 / 15.8416), 6);
    expect(same!.change!.mean).toBe(0);
    expect(same!.change!.interval[1]).toBeGreaterThan(0);
    expect(same!.agreement).toBe(100);
    expect(Math.abs(same!.divergence)).toBeLessThan(1e-8);
    expect(ward!.divergence).toBeGreaterThan(1e-6);
  });
});
