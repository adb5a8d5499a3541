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

it('passes over methods that cannot reach the counts, and over nothing else', async () => {
  const unreachable = failing(new PatchslimError('INVALID_ARGUMENT', 'costs too much'));
  const { provenance } = await choose([unreachable, methods[0]!]);
  expect(provenance.candidates!.map(({ method }) => method)).toEqual([methods[0]!.name]);
  await expect(choose([unreachable])).rejects.toMatchObject({
    code: 'INVALID_ARGUMENT',
    message: expect.stringMatching(
      /no method makes a plan for small by 'budget:0.8'; nearest is .*: costs too much/,
    ) as string,
  });
  const broken = failing(new PatchslimError('DATA_INVALID', 'broken image'));
  await expect(choose([broken, methods[0]!])).rejects.toMatchObject({ code: 'DATA_INVALID' });
});

it('leaves no tensor behind', async () => {
  const live = (some: VitModel) => some.backend.memory.liveTensors;
  const before = live(model);
  await choose(methods);
  expect(live(model)).toBe(before);
});
