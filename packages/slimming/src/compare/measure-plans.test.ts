/** Comparison of plans. */

import { createOnnxBackend } from '@patchslim/backend-onnx';
import { losslessPlan } from '@patchslim/vit-models';
import { describe, expect, it } from 'vitest';
import { smallModel, smallTensors } from '../../test/small-model.js';
import { planOf } from '../../test/small-plan.js';
import { predict, summarizePredictions } from '../evaluate.js';
import { measurePlans, type Fold } from './measure-plans.js';

const model = await smallModel(await createOnnxBackend({ threads: 1 }));
const plans = [
  { plan: await planOf(model, 'ward', 'budget:0.8') },
  { plan: await planOf(model, 'tome', 'budget:0.8') },
];
const [ward, tome] = plans as [(typeof plans)[number], (typeof plans)[number]];
const lossless = { plan: { ...ward.plan, blocks: losslessPlan(model.config) as typeof ward.plan.blocks } };
const options = { batchSize: 5, runs: 0 };

describe('measurePlans', () => {
  it('measures each plan against the dense network on the same images', async () => {
    const fold: Fold = { plans: [ward, tome, lossless], images: smallTensors(12) };
    const result = await measurePlans(model, [fold], { ...options, runs: 1 });
    expect(result.images).toBe(12);
    expect(result.plans.map(({ method }) => method)).toEqual(['ward', 'tome', 'ward']);
    for (const plan of result.plans) {
      expect(plan.macs).toBeLessThan(result.dense.macs);
      expect(plan.macShare).toBeCloseTo(plan.macs / result.dense.macs, 12);
      expect(plan.spread).toEqual([plan.speedup, plan.speedup]); // of one pair
    }
    const [first, , same] = result.plans;
    // Twelve equal classes of twelve images: z² = 3.8416, and 12 / (12 + z²).
    expect(same!.intervals.agreement![0]).toBeCloseTo(100 * (12 / 15.8416), 6);
    expect(same!.change!.mean).toBe(0);
    expect(same!.change!.interval[1]).toBeGreaterThan(0);
    expect(same!.agreement).toBe(100);
    expect(Math.abs(same!.divergence)).toBeLessThan(1e-8);
    expect(first!.divergence).toBeGreaterThan(1e-6);
  });

  it('pools the images of all folds, each under the plan of its own fold', async () => {
    const [few, many] = [smallTensors(4, 5), smallTensors(9, 6)];
    const folds: Fold[] = [
      { plans: [lossless], images: few },
      { plans: [tome], images: many },
    ];
    const { images, plans } = await measurePlans(model, folds, options);
    const alone = await measurePlans(model, [folds[1]!], options);
    expect(images).toBe(13);
    expect(plans).toHaveLength(1);
    expect(plans[0]!.divergence).toBeCloseTo((9 / 13) * alone.plans[0]!.divergence, 6);
    const dense = await predict(model, few, options);
    expect(plans[0]!.top1).toBeCloseTo(
      (4 * summarizePredictions(dense).top1! + 9 * alone.plans[0]!.top1!) / 13,
      6,
    );
    const each = await Promise.all(
      folds.map(async (fold) => (await measurePlans(model, [fold], options)).plans[0]!),
    );
    expect(plans[0]!.macs).toBe(Math.round((each[0]!.macs + each[1]!.macs) / 2));
  });

  it('refuses folds with different numbers of plans', async () => {
    const images = smallTensors(2);
    const folds = [
      { plans: [ward, tome], images },
      { plans: [ward], images },
    ];
    await expect(measurePlans(model, folds, options)).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: 'measurePlans(): expected 2 plans for every fold, got 1',
    });
  });
});
