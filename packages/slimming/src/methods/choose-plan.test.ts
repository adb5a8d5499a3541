/** All methods, and the one that fits. */

import { createOnnxBackend } from '@patchslim/backend-onnx';
import { parseSchedule, type SlimPlan } from '@patchslim/slimming-schedules';
import { PatchslimError } from '@patchslim/tensor';
import type { VitModel } from '@patchslim/vit-models';
import { expect, it } from 'vitest';
import { smallModel, smallTensors } from '../../test/small-model.js';
import { choosePlan, comparePlans, methods, type Method } from '../index.js';

const model = await smallModel(await createOnnxBackend({ threads: 1 }));
const [calibration, judging] = [smallTensors(12, 1), smallTensors(12, 2)];
const options = { schedule: parseSchedule('budget:0.8'), seed: 0, batchSize: 6 };
const choose = (some: readonly Method[]) => choosePlan(model, some, calibration, judging, options);
const failing = (error: Error): Method => {
  return { name: 'failing', summary: '', plan: () => Promise.reject(error) };
};

it('takes the plan that diverges least on the judging images, whatever the order of the methods', async () => {
  const plans: SlimPlan[] = [];
  for (const method of methods) plans.push(await method.plan(model, calibration, options));
  const { plans: figures } = await comparePlans(model, plans, judging, { batchSize: 6, runs: 0 });
  const order = [...figures].sort((a, b) => a.divergence - b.divergence).map(({ method }) => method);
  for (const some of [methods, methods.toReversed()]) {
    const { blocks, provenance } = await choose(some);
    expect(provenance.candidates!.map(({ method }) => method)).toEqual(order);
    expect(provenance.method).toBe(order[0]);
    expect(blocks).toEqual(plans.find((plan) => plan.provenance.method === order[0])!.blocks);
  }
});

it('passes over methods that cannot reach the schedule, and says why', async () => {
  const unreachable = failing(new PatchslimError('PLAN_INVALID', 'block 1 can leave 9 of 17 at least'));
  const { provenance } = await choose([unreachable, methods[0]!]);
  expect(provenance.candidates!.map(({ method }) => method)).toEqual([methods[0]!.name]);
  expect(provenance.refused).toEqual([{ method: 'failing', reason: 'block 1 can leave 9 of 17 at least' }]);
  expect((await choose([methods[0]!])).provenance).not.toHaveProperty('refused');
  await expect(choose([unreachable])).rejects.toMatchObject({
    code: 'INVALID_ARGUMENT',
    message:
      "choosePlan(): no method reaches 'budget:0.8' with small; nearest is failing: block 1 can leave 9 of 17 at least",
  });
});

it('names the method that comes nearest to a budget that is too small for all', async () => {
  const tooSmall = choosePlan(model, methods, calibration, judging, {
    ...options,
    schedule: parseSchedule('budget:0.001'),
  });
  const error = await tooSmall.catch((caught: unknown) => caught as PatchslimError);
  expect(error).toMatchObject({ code: 'INVALID_ARGUMENT' });
  const { message, details } = error as PatchslimError;
  const refused = details['refused'] as { method: string; reason: string }[];
  expect(refused.map(({ method }) => method)).toEqual(methods.map(({ name }) => name));
  const leastOf = (reason: string) => Number(/ask for (0\.\d+)/.exec(reason)![1]);
  const least = Math.min(...refused.map(({ reason }) => leastOf(reason)));
  expect(message).toMatch(
    /no method reaches 'budget:0.001' with small; nearest is [\w-]+: budget schedule: /,
  );
  expect(leastOf(message)).toBe(least);
});

it.each([
  ['counts:17,14,9', /expected 4 counts for small, got 3/],
  ['counts:17,14,99,1', /expected counts from 1 to 17, got 17,14,99,1/],
  ['top-down:tolerance=0.1', /expected a schedule whose counts are known beforehand/],
  ['budget:10ms@webgpu', /is a time on 'webgpu', and the model is on 'native'/],
])('says what is wrong with %s', async (spec, message) => {
  const choosing = choosePlan(model, methods, calibration, judging, {
    ...options,
    schedule: parseSchedule(spec),
  });
  await expect(choosing).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  await expect(choosing).rejects.toThrow(message);
});

it.each([
  new TypeError('not a function'),
  new PatchslimError('ABORTED', 'aborted'),
  new PatchslimError('IO_FAILED', 'disk full'),
  new PatchslimError('DATA_INVALID', 'broken image'),
  new PatchslimError('INVALID_ARGUMENT', 'batchSize must be positive'),
])('lets every other error out as it is: %s', async (error) => {
  await expect(choose([failing(error), methods[0]!])).rejects.toBe(error);
});

it('leaves no tensor behind', async () => {
  const live = (some: VitModel) => some.backend.memory.liveTensors;
  const before = live(model);
  await choose(methods);
  expect(live(model)).toBe(before);
});
