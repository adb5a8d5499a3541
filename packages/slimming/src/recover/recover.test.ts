/** Adapting the weights of a small slimmed model, on native ONNX. */

import { createOnnxBackend } from '@patchslim/backend-onnx';
import { blocksFor, findStep, formatPlan, parsePlan } from '@patchslim/slimming-schedules';
import { isPatchslimError, type Backend } from '@patchslim/tensor';
import {
  createCheckpoint,
  disposeModel,
  placeModel,
  type BlockPlan,
  type VitModel,
} from '@patchslim/vit-models';
import { beforeAll, describe, expect, it } from 'vitest';
import { config, preprocessing, smallModel, smallTensors } from '../../test/small-model.js';
import { ownTemporaryFolder, spilledTo } from '../../test/temporary-folder.js';
import { plainBatches } from '../learn/batches.js';
import { hostParams } from '../learn/host-params.js';
import { objectiveLoss, type Objective } from '../learn/objective.js';
import { createValidation } from '../learn/validation.js';
import { slim, type SlimOptions } from '../slim.js';
import { parseRecovery } from './parse-recovery.js';
import { recover } from './recover.js';

const images = smallTensors(40);
const heldBack = smallTensors(16, 3);
const unseen = smallTensors(32, 4);

let backend: Backend;
let model: VitModel;
let plan: readonly BlockPlan[];
beforeAll(async () => {
  backend = await createOnnxBackend({ threads: 1 });
  model = await smallModel(backend);
  plan = blocksFor((await slim(model, images, optionsFor('counts:17,9,4,1'))).plan, model);
});

const optionsFor = (schedule: string, changes: Partial<SlimOptions> = {}): SlimOptions => ({
  method: 'patch-slimming',
  schedule,
  batchSize: 8,
  calibrate: images.count,
  ...changes,
});

/** Loss of a network under the plan on unseen images. */
async function lossOf(network: VitModel, objective: Objective): Promise<number> {
  const learns = objective.labels > 0 ? config : undefined;
  const validation = createValidation(backend, [], {
    loss: (_, inputs) =>
      objectiveLoss(network, plan, model, { images: inputs['images']!, labels: inputs['labels'] }, objective),
    batches: () => plainBatches(unseen, { batchSize: 8, learns }),
  });
  const loss = await validation.run([]);
  await validation.dispose();
  return loss;
}

async function recovered(spec: string, signal?: AbortSignal): Promise<VitModel> {
  const context = { images, heldBack, batchSize: 8, seed: 1, signal };
  const params = await recover(model, await hostParams(model.params), plan, parseRecovery(spec), context);
  return placeModel(backend, await createCheckpoint({ config, preprocessing, params, source: 'test' }));
}

const nothing = { labels: 0, logits: 0, features: 0, smoothing: 0 };
const likeDense = { ...nothing, logits: 1 };
const denseFeatures = { ...nothing, features: 1 };

describe.each([
  ['least-squares', denseFeatures],
  ['distill:epochs=6,rate=0.003,learn=all', likeDense],
  ['distill:epochs=6,rate=0.003,learn=norms', likeDense],
  ['block:epochs=3,rate=0.003+distill:epochs=3,rate=0.003,learn=all,features=0', likeDense],
] as const)('%s', (spec, objective) => {
  it('brings the slimmed network nearer to the dense one on unseen images', async () => {
    const before = await lossOf(model, objective);
    const live = backend.memory.liveTensors;
    const start = await hostParams(model.params);
    const adapted = await recovered(spec);
    expect(await lossOf(adapted, objective)).toBeLessThan(0.95 * before);
    expect(await hostParams(model.params)).toEqual(start);
    expect(adapted.fingerprint).not.toBe(model.fingerprint);
    const again = await recovered(spec);
    expect(again.fingerprint).toBe(adapted.fingerprint); // the same seed, the same weights
    for (const network of [adapted, again]) disposeModel(network);
    expect(backend.memory.liveTensors).toBe(live);
  });

  it('stops at once at the signal, and leaks nothing', async () => {
    const folder = ownTemporaryFolder();
    const live = backend.memory.liveTensors;
    const aborted = recovered(spec, AbortSignal.abort());
    await expect(aborted).rejects.toSatisfy((error) => isPatchslimError(error, 'ABORTED'));
    expect(backend.memory.liveTensors).toBe(live);
    expect(await spilledTo(folder)).toEqual([]);
  });
});

it('finetune learns the labels of its images', async () => {
  const objective = { ...nothing, labels: 1 };
  const labelled = { batchSize: 8, learns: config };
  const lossOn = async (network: VitModel) => {
    const validation = createValidation(backend, [], {
      loss: (_, inputs) =>
        objectiveLoss(
          network,
          plan,
          undefined,
          { images: inputs['images']!, labels: inputs['labels'] },
          objective,
        ),
      batches: () => plainBatches(images, labelled),
    });
    const loss = await validation.run([]);
    await validation.dispose();
    return loss;
  };
  // Labels of noise images do not generalise, so the test measures on the training images.
  const context = { images, heldBack: images, batchSize: 8, seed: 1 };
  const recovery = parseRecovery('finetune:epochs=20,rate=0.005,distill=0.1');
  const params = await recover(model, await hostParams(model.params), plan, recovery, context);
  const adapted = placeModel(
    backend,
    await createCheckpoint({ config, preprocessing, params, source: 'test' }),
  );
  expect(await lossOn(adapted)).toBeLessThan(0.95 * (await lossOn(model)));
  disposeModel(adapted);
});

describe('learning inside the top-down loop', () => {
  const topDown = 'top-down:tolerance=0.05,granularity=3';

  it('needs fewer tokens for the same tolerance, and records the recovery', async () => {
    const without = await slim(model, images, optionsFor(topDown));
    const recover = 'block:epochs=4,rate=0.003';
    const live = backend.memory.liveTensors;
    const {
      plan: learned,
      adapted,
      model: slimmed,
    } = await slim(model, images, optionsFor(topDown, { recover }));
    expect(without.adapted).toBeUndefined();
    expect(learned.provenance.macs.slimmed).toBeLessThan(without.plan.provenance.macs.slimmed);
    expect(learned.provenance.steps.map(({ step }) => step)).toEqual(['scored', 'top-down', 'recovered']);
    const { errors } = findStep(learned.provenance, 'top-down')!;
    expect(errors.slice(0, 3).every((error) => error! <= 0.05)).toBe(true);
    const step = findStep(learned.provenance, 'recovered')!;
    expect(step).toMatchObject({ recovery: recover, from: model.fingerprint, images: 35, judges: 5 });
    expect(step.after).toBeLessThan(step.before);
    expect(learned.model.fingerprint).toBe(adapted!.fingerprint);
    expect(adapted!.fingerprint).not.toBe(model.fingerprint);
    expect(parsePlan(formatPlan(learned))).toEqual(learned);
    await slimmed.close();
    expect(backend.memory.liveTensors).toBe(live);
  });

  it('requires one image to learn from and another to choose with', async () => {
    const options = optionsFor(topDown, { recover: 'block', calibrate: 1 });
    await expect(slim(model, images, options)).rejects.toMatchObject({
      code: 'DATA_INVALID',
      message: expect.stringMatching(/block.*: expected at least 2 images of 'noise' .*, got 1/) as string,
    });
  });
});

describe('parseRecovery', () => {
  it('reads back the text of every recovery', () => {
    const text =
      'least-squares+block:epochs=2,rate=0.001+distill:epochs=1,rate=0.01,learn=norms,features=0.5';
    expect(
      parseRecovery(text)
        .map(({ spec }) => spec)
        .join('+'),
    ).toBe(text);
    expect(parseRecovery('none')).toEqual([]);
    expect(parseRecovery('block')[0]!.spec).toBe('block:epochs=3,rate=0.0003');
    expect(parseRecovery('auto')[0]!.spec).toBe('auto');
  });

  it.each([
    ['distill', 'distill:epochs=10,rate=0.001,learn=norms,features=1'],
    ['distill:learn=all', 'distill:epochs=10,rate=0.001,learn=all,matrices=0.03,features=1'],
    ['finetune', 'finetune:epochs=10,rate=0.001,learn=all,matrices=0.03,distill=0'],
    ['finetune:learn=norms,rate=0.01', 'finetune:epochs=10,rate=0.01,learn=norms,distill=0'],
  ])('reads %s with default rates', (text, spec) => {
    expect(parseRecovery(text)[0]!.spec).toBe(spec);
  });

  it.each([
    ['blok', /did you mean.*block|block/],
    ['block:epochs', /does not read as block/],
    ['block:steps=3', /does not read as block/],
    ['block:epochs=0', /a number from 1, got '0'/],
    ['block:epochs=1.5', /a whole number from 1, got '1.5'/],
    ['block:rate=0', /rate: expected a number from/],
    ['finetune:distill=2', /0 to 1, got '2'/],
    ['distill:learn=heads', /parameters/],
    ['block+', /recovery/],
  ])('refuses %s', (text, message) => {
    expect(() => parseRecovery(text)).toThrow(message);
  });
});
