/** The cost behind a budget: computed multiply-accumulates, or times that are measured once per job. */

import { createOnnxBackend } from '@patchslim/backend-onnx';
import { findStep, parseSchedule } from '@patchslim/slimming-schedules';
import { expect, it } from 'vitest';
import { jobFor } from '../../test/job-for.js';
import { smallModel } from '../../test/small-model.js';
import { planOf } from '../../test/small-plan.js';
import { parseMethod } from '../methods/methods.js';
import { scheduleCost } from './schedule-cost.js';

const model = await smallModel(await createOnnxBackend({ threads: 1 }));
const { blockOf } = parseMethod('ward');
const dense = [17, 17, 17, 17];

it('computes a share, and measures a time on the backend in the schedule, once per job', async () => {
  const job = await jobFor(model);
  const share = await scheduleCost(job, parseSchedule('budget:0.8'), blockOf);
  expect(share.latency).toBeUndefined();
  expect(share.costOf(dense)).toBe(1);
  const schedule = parseSchedule('budget:1000ms@native');
  const time = await scheduleCost(job, schedule, blockOf);
  expect(time.costOf(dense)).toBeCloseTo(time.latency!.dense);
  // Two measurements never agree to the last digit.
  expect((await scheduleCost(job, schedule, blockOf)).latency).toEqual(time.latency);
});

it('is recorded in the plan', async () => {
  const plan = await planOf(model, 'ward', 'budget:1000ms@native');
  expect(plan.provenance.schedule).toBe('budget:1000ms@native');
  const timed = findStep(plan.provenance, 'timed')!;
  expect(timed).toMatchObject({ backend: 'native', batch: 1 });
  expect(timed.dense).toBeGreaterThan(0);
  expect(timed.slimmed).toBeGreaterThan(0);
  expect(plan.blocks.map(({ kind }) => kind)).toEqual(['dense', 'dense', 'dense', 'keep']);
});

it('refuses a time on another backend', async () => {
  const costing = scheduleCost(await jobFor(model), parseSchedule('budget:12ms@webgpu'), blockOf);
  await expect(costing).rejects.toMatchObject({
    code: 'INVALID_ARGUMENT',
    message: expect.stringContaining("is a time on 'webgpu', and the model is on 'native'") as string,
  });
});
