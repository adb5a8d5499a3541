/** Counts within a budget from a method and images, and a plan with them. */

import { createOnnxBackend } from '@patchslim/backend-onnx';
import { blocksFor, findStep, formatPlan, parsePlan, parseSchedule } from '@patchslim/slimming-schedules';
import { toPlanBlocks } from '@patchslim/token-reducers';
import { beforeAll, describe, expect, it } from 'vitest';
import { jobFor } from '../../test/job-for.js';
import { smallModel, smallTensors } from '../../test/small-model.js';
import { planOf } from '../../test/small-plan.js';
import { measurePlans } from '../compare/measure-plans.js';
import { costOfCounts, planOfCounts } from '../counted-plan.js';
import type { Job } from '../job/job.js';
import { splitImages } from '../job/split-images.js';
import { scheduleCost } from '../latency/schedule-cost.js';
import { patchSlimming } from '../methods/patch-slimming.js';
import { methods, parseMethod } from '../methods/methods.js';
import { planByMethod } from '../plan-by-method.js';
import { slim } from '../slim.js';
import { searchedCounts } from './counts-in-budget.js';

const model = await smallModel(await createOnnxBackend({ threads: 1 }));
const ward = parseMethod('ward');
const images = smallTensors(16, 1);
const schedule = parseSchedule('search:0.75');
/** Methods whose counts can be searched. */
const runTime = methods.filter(({ plan }) => !plan);

let job: Job;
beforeAll(async () => {
  job = await jobFor(model, images, { batchSize: 8 });
});

describe('a plan with searched counts', () => {
  it.each(runTime)('stays within the budget, and records the search: $name', async (method) => {
    const { plan } = await planByMethod(job, method, schedule);
    const start = await planOf(model, method.name, 'budget:0.75');
    const { macs, steps, ...origin } = plan.provenance;
    expect(macs.slimmed).toBeLessThanOrEqual(0.75 * macs.dense);
    expect(origin).toMatchObject({ method: method.name, schedule: 'search:0.75' });
    expect(steps.map(({ step }) => step)).toEqual(['searched']);
    const { taken, found, interval, start: before, ...rest } = findStep(plan.provenance, 'searched')!;
    expect(rest).toMatchObject({ images: 8, judges: 8 });
    expect(costOfCounts(model.config, method.blockOf)(found.counts)).toBeLessThanOrEqual(0.75);
    expect(taken).toBe(interval[1] < 0 ? 'found' : 'start');
    expect((interval[0] + interval[1]) / 2).toBeCloseTo(found.divergence - before.divergence, 6);
    const { choose } = splitImages(job.images!, { share: 0.5, seed: 0, purpose: 'test' });
    const fold = { plans: [{ plan: start }, { plan }], images: choose };
    const { plans } = await measurePlans(model, [fold], { batchSize: 8, runs: 0 });
    expect(plans[0]!.divergence).toBeCloseTo(before.divergence, 6);
    expect(plans[1]!.divergence).toBeCloseTo((taken === 'found' ? found : before).divergence, 6);
    expect(toPlanBlocks(blocksFor(parsePlan(formatPlan(plan)), model))).toEqual(plan.blocks);
  });

  it('has the fixed shape unless the found counts are significantly better on unseen images', async () => {
    const cost = await scheduleCost(job, schedule, ward.blockOf);
    const searched = [];
    for (const count of [96, 4]) {
      const of = await jobFor(model, smallTensors(count, 4), { batchSize: 8 });
      const { counts, step } = await searchedCounts(of, ward, schedule, cost);
      if (step.step !== 'searched') throw new Error(step.step);
      expect(counts).toEqual(step.interval[1] < 0 ? step.found.counts : step.start.counts);
      const { plan } = await planByMethod(of, ward, schedule);
      expect(plan.blocks).toEqual(toPlanBlocks(planOfCounts(model.config, counts, ward.blockOf)));
      expect(step.found.counts).not.toEqual(step.start.counts);
      searched.push(step.taken);
    }
    expect(searched).toEqual(['found', 'start']);
  });

  it('leaks no tensor', async () => {
    const live = model.backend.memory.liveTensors;
    await planByMethod(job, ward, schedule);
    expect(model.backend.memory.liveTensors).toBe(live);
  });

  it('is refused for methods that fit their plans to given counts, and without images', async () => {
    for (const method of ['dps', 'patch-slimming']) {
      await expect(slim(model, images, { method, schedule })).rejects.toMatchObject({
        code: 'PLAN_INVALID',
        message: expect.stringContaining(`${method} fits its plans to given counts`) as string,
      });
    }
    await expect(slim(model, undefined, { method: 'ward', schedule })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining('expected images, got none') as string,
    });
  });
});

describe('a time as budget', () => {
  it.each(['budget', 'search'])('for %s is measured once for all parts of a job', async (name) => {
    const own = await jobFor(model, smallTensors(4), { batchSize: 4 });
    const spent = parseSchedule(`${name}:1000ms@native`);
    const { plan } = await planByMethod(own, ward, spent);
    expect(findStep(plan.provenance, 'timed')).toMatchObject({ backend: 'native', batch: 1 });
    expect((await planByMethod(own, ward, spent)).plan).toEqual(plan);
    const elsewhere = parseSchedule(`${name}:1000ms@webgpu`);
    await expect(planByMethod(own, ward, elsewhere)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });

  it.each(['dps', 'patch-slimming'])('%s also supports a time budget', async (name) => {
    const time = parseSchedule('budget:1000ms@native');
    const { plan } = await planByMethod(job, parseMethod(name), time);
    expect(findStep(plan.provenance, 'timed')).toMatchObject({ backend: 'native', batch: 1 });
  });

  it('needs compact keys of fixed positions', async () => {
    const method = patchSlimming({ keys: 'all' });
    const slimming = slim(model, images, { method, schedule: 'budget:1000ms@native' });
    await expect(slimming).rejects.toThrow(/needs compact keys, got 'all'/);
  });
});
