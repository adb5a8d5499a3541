/** Adapting the weights to plans that choose image by image: the same way for the plans of all methods, on native ONNX. */

import { createOnnxBackend } from '@patchslim/backend-onnx';
import {
  blocksFor,
  formatPlan,
  parsePlan,
  parseSchedule,
  type SlimPlan,
} from '@patchslim/slimming-schedules';
import { resolveBlocks, toPlanBlocks } from '@patchslim/token-reducers';
import { disposeModel, placeModel, type VitModel } from '@patchslim/vit-models';
import { beforeAll, describe, expect, it } from 'vitest';
import { smallModel, smallTensors } from '../../test/small-model.js';
import { meanDivergence } from '../compare/divergence.js';
import { predict } from '../evaluate.js';
import { hostParams } from '../learn/host-params.js';
import { findMethod } from '../methods/registry.js';
import { parseRecovery } from './parse-recovery.js';
import { recoverPlan } from './recover-plan.js';

const images = smallTensors(40);
const heldBack = smallTensors(16, 3);
const unseen = smallTensors(32, 4);
const context = { images, heldBack, batchSize: 8, seed: 1 };
const schedule = parseSchedule('counts:9,5,3,1');

let model: VitModel;
beforeAll(async () => {
  model = await smallModel(await createOnnxBackend({ threads: 1 }));
});

const planBy = (method: string): Promise<SlimPlan> =>
  findMethod(method).plan(model, images, { schedule, seed: 0, batchSize: 8 });

/** From the dense network's classes, on images that nothing was learned from. */
async function divergence(network: VitModel, { blocks }: SlimPlan): Promise<number> {
  const options = { batchSize: 8, keepLogits: true };
  const dense = await predict(model, unseen, options);
  const slimmed = await predict(network, unseen, { ...options, plan: resolveBlocks(blocks) });
  return meanDivergence(slimmed.logits!, dense.logits!, model.config.classes);
}

/** Mean of `−log p` of the labels, on the images that are learned from. */
async function labelLoss(network: VitModel, { blocks }: SlimPlan): Promise<number> {
  const options = { batchSize: 8, keepLogits: true, plan: resolveBlocks(blocks) };
  const { logits, labels } = await predict(network, images, options);
  const { classes } = network.config;
  const losses = Array.from(labels!, (label, image) => {
    const row = [...logits!.subarray(image * classes, (image + 1) * classes)];
    return Math.log(row.reduce((sum, value) => sum + Math.exp(value), 0)) - row[label]!;
  });
  return losses.reduce((a, b) => a + b) / losses.length;
}

describe.each([
  ['ward', 'distill:epochs=4,rate=0.001,learn=all,features=0'],
  ['evit', 'distill:epochs=4'],
  ['dps', 'distill:epochs=4,rate=0.001,learn=all,features=0.1'],
])('the plan of %s and %s', (method, spec) => {
  it('give weights that are nearer to the dense network on images they have not seen', async () => {
    const plan = await planBy(method);
    const recovery = parseRecovery(spec);
    const [start, live] = [await hostParams(model.params), model.backend.memory.liveTensors];
    const { plan: recovered, adapted } = await recoverPlan(model, plan, { ...context, recovery });
    const network = placeModel(model.backend, adapted);
    expect(await divergence(network, plan)).toBeLessThan(0.95 * (await divergence(model, plan)));

    expect(recovered.blocks).toEqual(plan.blocks);
    expect(recovered.provenance).toEqual({
      ...plan.provenance,
      recovery: {
        spec: recovery[0]!.spec,
        dense: model.fingerprint,
        data: images.name,
        images: 40,
        heldBack: recovered.provenance.recovery!.heldBack,
      },
    });
    const { images: judging, before, after, interval } = recovered.provenance.recovery!.heldBack;
    expect(judging).toBe(16);
    expect(after).toBeLessThan(before);
    expect(interval![0]).toBeLessThan(interval![1]);
    expect((interval![0] + interval![1]) / 2).toBeCloseTo(after - before, 5);
    expect(parsePlan(formatPlan(recovered))).toEqual(recovered);
    expect(toPlanBlocks(blocksFor(recovered, network))).toEqual(plan.blocks);
    expect(() => blocksFor(recovered, model)).toThrow(/other weights|fingerprint/);

    disposeModel(network);
    expect(await hostParams(model.params)).toEqual(start);
    expect(model.backend.memory.liveTensors).toBe(live);
  });
});

it('gives the same weights for the same seed, others for another', async () => {
  const plan = await planBy('ward');
  const recovery = parseRecovery('distill:epochs=2');
  const run = async (seed: number) =>
    (await recoverPlan(model, plan, { ...context, recovery, seed })).adapted.fingerprint;
  const first = await run(1);
  expect(await run(1)).toBe(first);
  expect(await run(2)).not.toBe(first);
});

it('keeps the weights it began with where no epoch is better', async () => {
  const plan = await planBy('ward');
  // Steps so long that the first epoch ruins the network.
  const recovery = parseRecovery('distill:epochs=1,rate=0.02,learn=all');
  const { plan: recovered, adapted } = await recoverPlan(model, plan, { ...context, recovery });
  expect(adapted.fingerprint).toBe(model.fingerprint);
  const { before, after } = recovered.provenance.recovery!.heldBack;
  expect(after).toBe(before);
});

it('adapts under the labels too', async () => {
  const plan = await planBy('ward');
  // Noise has no labels to be found again on other images: it is judged by the images it learns from.
  const recovery = parseRecovery('finetune:epochs=20,rate=0.005');
  const { adapted } = await recoverPlan(model, plan, { ...context, heldBack: images, recovery });
  const network = placeModel(model.backend, adapted);
  expect(await labelLoss(network, plan)).toBeLessThan(0.97 * (await labelLoss(model, plan)));
  disposeModel(network);
});

it.each([
  ['block', 'ward'],
  ['least-squares', 'dps'],
  ['distill:epochs=50+block', 'evit'],
])('refuses %s for a plan of %s before anything is learned', async (spec, method) => {
  const plan = await planBy(method);
  const stages: string[] = [];
  const recovering = recoverPlan(model, plan, {
    ...context,
    recovery: parseRecovery(spec),
    onProgress: ({ stage }) => stages.push(stage),
  });
  await expect(recovering).rejects.toMatchObject({
    code: 'PLAN_INVALID',
    message: expect.stringMatching(
      /'(block|least-squares)' compares rows whose positions are known .* 'distill' and 'finetune'/,
    ) as string,
  });
  expect(stages).toEqual([]);
});
