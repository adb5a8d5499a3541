/** `slim` on a small model. */

import { createOnnxBackend } from '@patchslim/backend-onnx';
import { folderSet, openImageFolder } from '@patchslim/datasets';
import { findScore } from '@patchslim/importance-estimators';
import { blocksFor, findStep, formatPlan, parsePlan, type SlimPlan } from '@patchslim/slimming-schedules';
import { vitMacs } from '@patchslim/flop-counter';
import { isPatchslimError, range } from '@patchslim/tensor';
import type { VitModel } from '@patchslim/vit-models';
import { dirname } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { backends, imageFiles, smallImages } from '../test/image-files.js';
import { config, smallModel, smallTensors } from '../test/small-model.js';
import { spilledTo, ownTemporaryFolder } from '../test/temporary-folder.js';
import { methods } from './methods/methods.js';
import { patchSlimming } from './methods/patch-slimming.js';
import { slim, type SlimOptions } from './slim.js';
import { version } from './version.js';

const counts = 'counts:17,12,6,1';
const topDown = 'top-down:tolerance=0.02,granularity=4,norm=relative';
/** Uses all images for the plan. */
const options = { method: 'patch-slimming', batchSize: 4, calibrate: 100 };

const keptBy = ({ blocks }: SlimPlan): number[][] =>
  blocks.map((block) => (block.kind === 'keep' ? block.keep : range(17)));
const stepsOf = ({ provenance }: SlimPlan): string[] => provenance.steps.map(({ step }) => step);

describe.each([
  [counts, 'dense', 'compact'],
  [counts, 'slimmed', 'all'],
  ['keep-ratio:0.5@2,3', 'dense', 'all'],
  ['keep-ratio:0.5@2,3', 'slimmed', 'compact'],
  [topDown, 'dense', 'compact'],
  [topDown, 'slimmed', 'all'],
] as const)('slim with %s, deeper blocks %s, %s keys', (schedule, deeperBlocks, keys) => {
  it('gives the same plan on every backend and at every batch size, and does not change the model', async () => {
    const images = await smallImages(6);
    const folder = ownTemporaryFolder();
    const plans: SlimPlan[] = [];
    for (const [, createBackend] of backends) {
      const model = await smallModel(await createBackend());
      const live = model.backend.memory.liveTensors;
      for (const batchSize of [4, 3]) {
        const method = patchSlimming({ deeperBlocks, keys });
        const { plan } = await slim(model, images, { ...options, method, schedule, batchSize });
        plans.push(plan);
      }
      expect(model.backend.memory.liveTensors).toBe(live);
    }
    expect(await spilledTo(folder)).toEqual([]);
    const [first, ...others] = plans.map(keptBy);
    for (const other of others) expect(other).toEqual(first);
    expect(first!.at(-1)).toEqual([0]);
    for (const [block, kept] of first!.entries()) {
      expect(first![block + 1]?.filter((position) => !kept.includes(position)) ?? []).toEqual([]);
    }
    expect(first![2]!.length).toBeLessThan(17);
  });
});

describe('slim', () => {
  it('records in the plan how it was made', async () => {
    const model = await smallModel();
    const { plan } = await slim(model, await smallImages(6), { ...options, schedule: counts, seed: 7 });
    expect(keptBy(plan).map((kept) => kept.length)).toEqual([17, 12, 6, 1]);
    expect(plan.model).toEqual({
      name: 'small',
      fingerprint: model.fingerprint,
      depth: 4,
      tokens: 17,
      prefixTokens: 1,
    });
    expect(plan.provenance).toEqual({
      tool: `patchslim ${version}`,
      method: 'patch-slimming',
      schedule: counts,
      macs: { dense: vitMacs(config).total, slimmed: vitMacs(config, blocksFor(plan, model)).total },
      images: { name: 'noise', count: 6, seed: 7 },
      steps: [{ step: 'scored', score: 'impact', deeperBlocks: 'dense', images: 6 }],
    });
    expect(plan.provenance.macs.slimmed).toBeLessThan(plan.provenance.macs.dense);
    expect(parsePlan(formatPlan(plan))).toEqual(plan);
    expect(blocksFor(plan, model)).toEqual(plan.blocks);
  });

  it('records the errors of a top-down search, which meet the tolerance', async () => {
    const { plan } = await slim(await smallModel(), await smallImages(6), { ...options, schedule: topDown });
    const { errors } = findStep(plan.provenance, 'top-down')!;
    expect(errors).toHaveLength(4);
    expect(errors.slice(0, 3).every((error) => error !== null && error <= 0.02)).toBe(true);
    expect(errors[3]).toBeNull();
    expect(plan.blocks.some((block) => block.kind === 'keep' && block.keep.length > 1)).toBe(true);
  });

  it('records dense deeper blocks for a score that does not read them', async () => {
    const method = patchSlimming({ score: findScore('feature-norm'), deeperBlocks: 'slimmed' });
    const { plan } = await slim(await smallModel(), await smallImages(2), {
      ...{ ...options, method, schedule: counts },
    });
    expect(findStep(plan.provenance, 'scored')).toMatchObject({
      ...{ score: 'feature-norm', deeperBlocks: 'dense' },
    });
  });

  it('is reproducible by seed', async () => {
    const [model, images] = [await smallModel(), await smallImages(2)];
    const method = patchSlimming({ score: findScore('random') });
    const run = async (seed: number) =>
      keptBy((await slim(model, images, { ...options, method, schedule: counts, seed })).plan);
    expect(await run(1)).toEqual(await run(1));
    expect(await run(1)).not.toEqual(await run(2));
  });

  it('accepts an image folder and an image set', async () => {
    const model = await smallModel();
    const [first] = await imageFiles(6, { labelled: true });
    const folder = await openImageFolder(dirname(first!.source as string));
    const bySet = await slim(model, folderSet(folder, model), { ...options, schedule: counts });
    const byFolder = await slim(model, folder, { ...options, schedule: counts });
    expect(formatPlan(byFolder.plan)).toBe(formatPlan(bySet.plan));
    const strange = { ...folder, examples: folder.examples.map((example) => ({ ...example, label: 7 })) };
    await expect(slim(model, strange, options)).rejects.toMatchObject({
      code: 'DATA_INVALID',
      message: expect.stringContaining('has class 7, but the model has 7 classes') as string,
    });
  });

  it('does not count files that cannot be decoded, in any step', async () => {
    const model = await smallModel();
    const files = await imageFiles(7, { corrupt: 2 });
    const folder = await openImageFolder(dirname(files[0]!.source as string));
    const skipped: string[] = [];
    const decoding = { corrupt: 'skip', onSkip: ({ id }: { id: string }) => skipped.push(id) } as const;
    const run = async (changes: SlimOptions) =>
      (await slim(model, folder, { ...options, ...decoding, ...changes })).plan.provenance;
    const plain = await run({ schedule: counts });
    expect(plain.images!.count).toBe(6);
    expect(findStep(plain, 'scored')!.images).toBe(6);
    expect(skipped).toEqual(['02.png']);
    const fitted = await run({ method: 'dps', schedule: 'budget:0.8' });
    expect(findStep(fitted, 'fitted')!.images).toBe(6);
    const searched = await run({ method: 'ward', schedule: 'search:0.8' });
    expect(findStep(searched, 'searched')).toMatchObject({ images: 3, judges: 3 });
    const recovered = await run({ schedule: counts, recover: 'least-squares' });
    expect(findStep(recovered, 'recovered')).toMatchObject({ images: 5, judges: 1 });
    await expect(run({ schedule: counts, corrupt: 'error' })).rejects.toMatchObject({ code: 'DATA_INVALID' });
  });
});

describe('provenance has only the steps that happened', () => {
  const images = smallTensors(12);
  let model: VitModel;
  beforeAll(async () => {
    model = await smallModel(await createOnnxBackend({ threads: 1 }));
  });

  it.each<[string, SlimOptions, string[]]>([
    ['a method that chooses at run time', { method: 'ward', schedule: 'budget:0.7' }, []],
    ['fixed positions', { method: 'patch-slimming', schedule: 'budget:0.7' }, ['scored']],
    ['the search of the paper', { method: 'patch-slimming', schedule: topDown }, ['scored', 'top-down']],
    ['predictors', { method: 'dps', schedule: 'budget:0.7' }, ['fitted']],
    ['searched counts', { method: 'ward', schedule: 'search:0.7' }, ['searched']],
    [
      'an adapted plan',
      { method: 'ward', schedule: 'budget:0.7', recover: 'distill:epochs=1' },
      ['recovered'],
    ],
    [
      'the paper with its recovery',
      { method: 'patch-slimming', schedule: topDown, recover: 'block:epochs=1' },
      ['scored', 'top-down', 'recovered'],
    ],
  ])('of %s', async (_, changes, steps) => {
    const heard: string[] = [];
    const { plan, model: slimmed } = await slim(model, images, {
      ...{ batchSize: 4, onStep: ({ step }) => heard.push(step) },
      ...changes,
    });
    expect(stepsOf(plan)).toEqual(steps);
    expect(heard).toEqual(steps);
    expect(plan.provenance.method).toBe(changes.method);
    // No images are recorded if the plan used none.
    expect(plan.provenance.images).toEqual(
      steps.length > 0 ? { name: 'noise', count: 6, seed: 0 } : undefined,
    );
    expect('images' in plan.provenance).toBe(steps.length > 0);
    await slimmed.close();
  });

  it('of auto: candidates, refusals and reasons', async () => {
    // A merge removes at most half of the patches.
    const { plan } = await slim(model, images, { schedule: 'counts:17,12,4,1', batchSize: 4 });
    expect(stepsOf(plan).at(-1)).toBe('chosen');
    const { candidates, refused, images: judging } = findStep(plan.provenance, 'chosen')!;
    expect(judging).toBe(3);
    expect(plan.provenance.method).toBe(candidates[0]!.method);
    expect(plan.provenance.method).not.toBe('auto');
    const asked = [...candidates, ...refused].map(({ method }) => method);
    expect(asked.sort()).toEqual(methods.map(({ name }) => name).sort());
    expect(refused.map(({ method }) => method)).toContain('tome');
    for (const { reason } of refused) expect(reason).toMatch(/block 2/);
    expect(parsePlan(formatPlan(plan))).toEqual(plan);
  });
});

describe('an abort', () => {
  it.each([
    ['score', counts],
    ['features', topDown],
    ['plan', topDown],
  ])('at stage %s stops slim without leaks', async (stage, schedule) => {
    const images = await smallImages(6);
    const folder = ownTemporaryFolder();
    const model = await smallModel();
    const live = model.backend.memory.liveTensors;
    const controller = new AbortController();
    const stages: string[] = [];
    const slimming = slim(model, images, {
      ...{ ...options, schedule, signal: controller.signal },
      onProgress: (event) => {
        stages.push(event.stage);
        if (event.stage === stage) controller.abort();
      },
    });
    await expect(slimming).rejects.toSatisfy((error) => isPatchslimError(error, 'ABORTED'));
    expect(stages.at(-1)).toBe(stage);
    expect(await spilledTo(folder)).toEqual([]);
    expect(model.backend.memory.liveTensors).toBe(live);
  });
});
