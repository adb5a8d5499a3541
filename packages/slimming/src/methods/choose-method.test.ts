/** `auto`: tries all methods and takes the best. */

import { createOnnxBackend } from '@patchslim/backend-onnx';
import { findStep, parseSchedule, type PlanStep } from '@patchslim/slimming-schedules';
import { PatchslimError } from '@patchslim/tensor';
import type { VitModel } from '@patchslim/vit-models';
import { expect, it } from 'vitest';
import { jobFor } from '../../test/job-for.js';
import { smallModel, smallTensors } from '../../test/small-model.js';
import { measurePlans } from '../compare/measure-plans.js';
import { splitImages } from '../job/split-images.js';
import { planByMethod, type MadePlan } from '../plan-by-method.js';
import { chooseMethod } from './choose-method.js';
import type { Method } from './method.js';
import { methods, parseMethod } from './methods.js';

const model = await smallModel(await createOnnxBackend({ threads: 1 }));
const images = smallTensors(24, 1);
const budget = parseSchedule('budget:0.8');
const options = { seed: 0, batchSize: 6 };
const ward = parseMethod('ward');

const choose = async (some: readonly Method[], schedule = budget) =>
  (await chooseMethod(await jobFor(model, images, options), some, schedule)).plan;
const failing = (error: Error): Method => {
  return { ...ward, name: 'failing', plan: () => Promise.reject(error) };
};

it('takes the plan with the smallest divergence on the unseen half of the images, in any order of candidates', async () => {
  const job = await jobFor(model, images, options);
  const halves = splitImages(job.images!, { share: 0.5, seed: 0, purpose: 'test' });
  const plans: MadePlan[] = [];
  for (const method of methods) {
    plans.push(await planByMethod({ ...job, images: halves.calibrate }, method, budget));
  }
  const fold = { plans, images: halves.choose };
  const { plans: figures } = await measurePlans(model, [fold], { batchSize: 6, runs: 0 });
  const order = [...figures].sort((a, b) => a.divergence - b.divergence).map(({ method }) => method);
  for (const some of [methods, methods.toReversed()]) {
    const { blocks, provenance } = await choose(some);
    const { candidates, images: judging } = findStep(provenance, 'chosen')!;
    expect(judging).toBe(12);
    expect(candidates.map(({ method }) => method)).toEqual(order);
    expect(provenance.method).toBe(order[0]);
    expect(blocks).toEqual(plans.find(({ plan }) => plan.provenance.method === order[0])!.plan.blocks);
  }
});

it('reports only the steps of the chosen plan', async () => {
  const steps: PlanStep[] = [];
  const job = await jobFor(model, images, { ...options, onStep: (step) => steps.push(step) });
  const { plan } = await chooseMethod(job, [parseMethod('patch-slimming'), ward, parseMethod('dps')], budget);
  expect(steps.at(-1)!.step).toBe('chosen');
  expect(steps).toEqual(plan.provenance.steps);
});

it('skips methods that cannot reach the schedule, with the reason', async () => {
  const unreachable = failing(new PatchslimError('PLAN_INVALID', 'block 1 can leave 9 of 17 at least'));
  const chosen = findStep((await choose([unreachable, ward])).provenance, 'chosen')!;
  expect(chosen.candidates.map(({ method }) => method)).toEqual(['ward']);
  expect(chosen.refused).toEqual([{ method: 'failing', reason: 'block 1 can leave 9 of 17 at least' }]);
  expect(findStep((await choose([ward])).provenance, 'chosen')!.refused).toEqual([]);
  await expect(choose([unreachable])).rejects.toMatchObject({
    code: 'INVALID_ARGUMENT',
    message:
      "no method reaches 'budget:0.8' with small; nearest is failing: block 1 can leave 9 of 17 at least",
  });
});

it('names the nearest method for a budget that is too small for all', async () => {
  const tooSmall = choose(methods, parseSchedule('budget:0.001'));
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
  const choosing = choose(methods, parseSchedule(spec));
  await expect(choosing).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  await expect(choosing).rejects.toThrow(message);
});

it('needs four images', async () => {
  const job = await jobFor(model, smallTensors(3), options);
  await expect(chooseMethod(job, [ward], budget)).rejects.toMatchObject({
    code: 'DATA_INVALID',
    message: expect.stringContaining("auto: expected at least 4 images of 'noise'") as string,
  });
});

it.each([
  new TypeError('not a function'),
  new PatchslimError('ABORTED', 'aborted'),
  new PatchslimError('IO_FAILED', 'disk full'),
  new PatchslimError('DATA_INVALID', 'broken image'),
  new PatchslimError('INVALID_ARGUMENT', 'batchSize must be positive'),
])('passes on every other error: %s', async (error) => {
  await expect(choose([failing(error), ward])).rejects.toBe(error);
});

it('leaks no tensor', async () => {
  const live = (some: VitModel) => some.backend.memory.liveTensors;
  const before = live(model);
  await choose(methods);
  expect(live(model)).toBe(before);
});
