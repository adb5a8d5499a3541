/** Comparison of methods by the plans that `slim` makes. */

import { createOnnxBackend } from '@patchslim/backend-onnx';
import { formatPlan } from '@patchslim/slimming-schedules';
import { describe, expect, it } from 'vitest';
import { smallModel, smallTensors } from '../../test/small-model.js';
import { evaluatePair } from '../evaluate-pair.js';
import { methods } from '../methods/methods.js';
import { slim } from '../slim.js';
import { compare } from './compare.js';

const model = await smallModel(await createOnnxBackend({ threads: 1 }));
const images = smallTensors(20);
const options = { seed: 3, batchSize: 4, calibrate: 8 };

describe('compare', () => {
  it('makes the same plan as slim for every method, byte for byte', async () => {
    const { made, refused } = await compare(model, images, { ...options, schedules: ['budget:0.7'] });
    expect(refused).toEqual([]);
    expect(made.map(({ plan }) => plan.provenance.method)).toEqual(methods.map(({ name }) => name));
    for (const { plan } of made) {
      const { method } = plan.provenance;
      const alone = await slim(model, images, { ...options, method, schedule: 'budget:0.7' });
      expect(formatPlan(plan)).toBe(formatPlan(alone.plan));
    }
  });

  it('adapts weights like slim, and measures with them', async () => {
    const [few, recover] = ['counts:9,5,3,1', 'distill:epochs=1,rate=0.001,learn=norms'];
    const live = model.backend.memory.liveTensors;
    const [more, own] = [smallTensors(40), { ...options, calibrate: 28, recover }];
    const compared = await compare(model, more, { ...own, methods: ['class-attention'], schedules: [few] });
    expect(model.backend.memory.liveTensors).toBe(live);
    const alone = await slim(model, more, { ...own, method: 'class-attention', schedule: few });
    expect(formatPlan(compared.made[0]!.plan)).toBe(formatPlan(alone.plan));
    expect(compared.made[0]!.adapted).toEqual(alone.adapted);
    expect(alone.adapted!.fingerprint).not.toBe(model.fingerprint);
    const [figures] = compared.plans;
    expect(figures!.recovery).toMatch(/^distill:epochs=1,rate=0.001,learn=norms/);
    const pair = await evaluatePair(model, alone.model, alone.unseen!, { batchSize: 4 });
    expect(compared.images).toBe(12);
    expect(figures).toMatchObject({
      ...{ top1: pair.slimmed.top1, agreement: pair.slimmed.agreement, change: pair.change!.top1 },
    });
    expect(compared.dense.top1).toBe(pair.dense.top1);
    await alone.model.close();
  });

  it('makes each plan separately, also for the same method', async () => {
    const schedules = ['top-down:tolerance=0.3,granularity=4', 'top-down:tolerance=0.001,granularity=4'];
    const few = { ...options, calibrate: 4 };
    const { made } = await compare(model, images, { ...few, methods: ['patch-slimming'], schedules });
    expect(made[0]!.plan.blocks).not.toEqual(made[1]!.plan.blocks);
    for (const [i, schedule] of schedules.entries()) {
      const alone = await slim(model, images, { ...few, method: 'patch-slimming', schedule });
      expect(formatPlan(made[i]!.plan)).toBe(formatPlan(alone.plan));
    }
  });

  it('has a plan for every method and schedule, and reports refusals', async () => {
    const result = await compare(model, images, {
      ...{ ...options, methods: ['tome', 'patch-slimming'], schedules: ['budget:0.7', 'counts:17,12,4,1'] },
    });
    const ways = result.plans.map(({ method, schedule }) => `${method} ${schedule}`);
    expect(ways).toEqual(['tome budget:0.7', 'patch-slimming budget:0.7', 'patch-slimming counts:17,12,4,1']);
    expect(result.made.map(({ plan }) => plan.provenance.schedule)).toEqual([
      ...['budget:0.7', 'budget:0.7', 'counts:17,12,4,1'],
    ]);
    expect(result.refused).toEqual([
      {
        ...{ method: 'tome', schedule: 'counts:17,12,4,1' },
        reason: expect.stringMatching(/block 2/) as string,
      },
    ]);
    expect(result.plans[0]).not.toHaveProperty('speedup');
  });

  it('measures on at most the requested number of images', async () => {
    const ward = { ...options, methods: ['ward'], schedules: ['budget:0.7'] };
    expect((await compare(model, images, { ...ward, limit: 5 })).images).toBe(5);
    expect((await compare(model, images, { ...ward, folds: 2, limit: 7 })).images).toBe(7);
    const wanted = await compare(model, images, { ...ward, limit: 100 });
    expect(wanted.images).toBe(12);
  });

  it('refuses options that leave no images or no plans to measure', async () => {
    const ward = { methods: ['ward'], schedules: ['budget:0.7'] };
    const comparing = (changes: object) => compare(model, images, { ...options, ...ward, ...changes });
    await expect(comparing({ calibrate: 20 })).rejects.toMatchObject({ code: 'DATA_INVALID' });
    await expect(comparing({ folds: 21 })).rejects.toMatchObject({ code: 'DATA_INVALID' });
    await expect(comparing({ folds: 1 })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    await expect(comparing({ schedules: ['budget:0.01'] })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringMatching(/no method can do the schedule; ward, budget:0.01: /) as string,
    });
  });
});
