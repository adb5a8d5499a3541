/** Adapting weights to plans that choose tokens per image: the same for all methods, on native ONNX. */

import { createOnnxBackend } from '@patchslim/backend-onnx';
import { blocksFor, findStep, formatPlan, parsePlan, type SlimPlan } from '@patchslim/slimming-schedules';
import { resolveBlocks, toPlanBlocks } from '@patchslim/token-reducers';
import type { ImageSet } from '@patchslim/datasets';
import type { LongCallOptions } from '@patchslim/tensor';
import { disposeModel, placeModel, type VitModel } from '@patchslim/vit-models';
import { beforeAll, describe, expect, it } from 'vitest';
import { jobFor } from '../../test/job-for.js';
import { smallModel, smallTensors } from '../../test/small-model.js';
import { meanDivergence } from '../compare/divergence.js';
import { predict } from '../evaluate.js';
import { hostParams } from '../learn/host-params.js';
import { parseRecovery } from './parse-recovery.js';
import { recoverPlan } from './recover-plan.js';
import { slim } from '../slim.js';

const images = smallTensors(40);
const heldBack = smallTensors(16, 3);
const unseen = smallTensors(32, 4);
const parts = { calibrate: images, choose: heldBack };
const schedule = 'counts:9,5,3,1';

let model: VitModel;
beforeAll(async () => {
  model = await smallModel(await createOnnxBackend({ threads: 1 }));
});

const planBy = async (method: string): Promise<SlimPlan> =>
  (await slim(model, images, { method, schedule, batchSize: 8, calibrate: images.count })).plan;

/** Adapts the weights to a plan. */
async function recovering(
  plan: SlimPlan,
  spec: string,
  { seed = 1, judges = heldBack, ...options }: Changes = {},
) {
  const job = await jobFor(model, images, { batchSize: 8, seed, ...options });
  return recoverPlan(job, plan, parseRecovery(spec), { ...parts, choose: judges });
}

interface Changes extends LongCallOptions {
  readonly seed?: number;
  readonly judges?: ImageSet;
}

/** KL divergence from the dense network's classes, on unseen images. */
async function divergence(network: VitModel, { blocks }: SlimPlan): Promise<number> {
  const options = { batchSize: 8, keepLogits: true };
  const dense = await predict(model, unseen, options);
  const slimmed = await predict(network, unseen, { ...options, plan: resolveBlocks(blocks) });
  return meanDivergence(slimmed.logits!, dense.logits!, model.config);
}

/** Mean of `−log p` of the labels, on the training images. */
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
  it('give weights nearer to the dense network on unseen images', async () => {
    const plan = await planBy(method);
    const [start, live] = [await hostParams(model.params), model.backend.memory.liveTensors];
    const { plan: recovered, adapted } = await recovering(plan, spec);
    const network = placeModel(model.backend, adapted);
    expect(await divergence(network, plan)).toBeLessThan(0.95 * (await divergence(model, plan)));

    expect(recovered.blocks).toEqual(plan.blocks);
    const step = findStep(recovered.provenance, 'recovered')!;
    const { before, after, interval } = step;
    expect(step).toEqual({
      ...{ step: 'recovered', recovery: parseRecovery(spec)[0]!.spec, from: model.fingerprint },
      ...{ images: 40, judges: 16, before, after, interval },
    });
    expect(recovered.provenance).toEqual({
      ...plan.provenance,
      steps: [...plan.provenance.steps, step],
    });
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

describe('a range of budgets', () => {
  const recover = 'distill:epochs=6,rate=0.0003,learn=all,matrices=1,features=0,range=0.6..0.7';
  const options = { method: 'ward', schedule: 'budget:0.65', batchSize: 8, calibrate: 120, recover };

  it('gives weights that are better at every budget in it, by plans that need no images', async () => {
    const { plan, adapted } = await slim(model, smallTensors(120), options);
    expect(findStep(plan.provenance, 'recovered')!.recovery).toBe(recover);
    const network = placeModel(model.backend, adapted!);
    for (const share of [0.6, 0.63, 0.7]) {
      const at = { method: 'ward', schedule: `budget:${share}` };
      const { plan: own } = await slim(network, undefined, at);
      const { plan: before } = await slim(model, undefined, at);
      expect(own.blocks).toEqual(before.blocks);
      expect(await divergence(network, own)).toBeLessThan(0.97 * (await divergence(model, before)));
    }
    disposeModel(network);
  });

  it('says which budgets the method cannot reach, before anything is learned', async () => {
    const low = { ...options, recover: recover.replace('0.6', '0.1') };
    await expect(slim(model, images, low)).rejects.toThrow(/a budget of 0.1; ask for/);
  });
});

it('is reproducible by seed', async () => {
  const plan = await planBy('ward');
  const run = async (seed: number) =>
    (await recovering(plan, 'distill:epochs=2', { seed })).adapted.fingerprint;
  const first = await run(1);
  expect(await run(1)).toBe(first);
  expect(await run(2)).not.toBe(first);
});

it('keeps the initial weights if no epoch is better', async () => {
  const plan = await planBy('ward');
  // Steps so large that the first epoch ruins the network.
  const { plan: recovered, adapted } = await recovering(plan, 'distill:epochs=1,rate=1,learn=all');
  expect(adapted.fingerprint).toBe(model.fingerprint);
  const { before, after } = findStep(recovered.provenance, 'recovered')!;
  expect(after).toBe(before);
});

it('adapts under the labels too', async () => {
  const plan = await planBy('ward');
  // Labels of noise images do not generalise, so the test measures on the training images.
  const { adapted } = await recovering(plan, 'finetune:epochs=20,rate=0.005', { judges: images });
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
  const refused = recovering(plan, spec, { onProgress: ({ stage }) => stages.push(stage) });
  await expect(refused).rejects.toMatchObject({
    code: 'PLAN_INVALID',
    message: expect.stringMatching(
      /'(block|least-squares)' compares rows whose positions are known .* 'distill' and 'finetune'/,
    ) as string,
  });
  expect(stages).toEqual([]);
});
