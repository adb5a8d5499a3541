/** The main job on a small model. */

import { findScore } from '@patchslim/importance-estimators';
import { blocksFor, formatPlan, parsePlan, type SlimPlan } from '@patchslim/slimming-schedules';
import { vitMacs } from '@patchslim/flop-counter';
import { isPatchslimError } from '@patchslim/tensor';
import { describe, expect, it } from 'vitest';
import { backends, smallImages } from '../test/image-files.js';
import { config, smallModel } from '../test/small-model.js';
import { slimOptions } from '../test/slim-options.js';
import { spilledTo, ownTemporaryFolder } from '../test/temporary-folder.js';
import { slim } from './slim.js';
import { version } from './version.js';

const counts = 'counts:17,12,6,1';
const topDown = 'top-down:tolerance=0.02,granularity=4,norm=relative';

const keptBy = ({ blocks }: SlimPlan): number[][] =>
  blocks.map((block) => (block.kind === 'keep' ? block.keep : Array.from({ length: 17 }, (_, i) => i)));

describe.each([
  [counts, 'dense', 'compact'],
  [counts, 'slimmed', 'all'],
  ['keep-ratio:0.5@2,3', 'dense', 'all'],
  ['keep-ratio:0.5@2,3', 'slimmed', 'compact'],
  [topDown, 'dense', 'compact'],
  [topDown, 'slimmed', 'all'],
] as const)('slim with %s, %s attention, %s keys', (schedule, attention, keys) => {
  it('gives one plan on every backend and at every batch size, and leaves the model as it was', async () => {
    const images = await smallImages(6);
    const folder = ownTemporaryFolder();
    const plans: SlimPlan[] = [];
    for (const [, createBackend] of backends) {
      const model = await smallModel(await createBackend());
      const live = model.backend.memory.liveTensors;
      for (const batchSize of [4, 3]) {
        const { plan } = await slim(model, images, slimOptions(schedule, { attention, keys, batchSize }));
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
  it('says in the plan how it was made', async () => {
    const model = await smallModel();
    const { plan } = await slim(model, await smallImages(6), slimOptions(counts, { seed: 7 }));
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
      estimator: 'impact',
      attention: 'dense',
      schedule: counts,
      keys: 'compact',
      seed: 7,
      data: 'noise',
      images: 6,
      macs: { dense: vitMacs(config).total, slimmed: vitMacs(config, blocksFor(plan, model)).total },
    });
    expect(plan.provenance.macs.slimmed).toBeLessThan(plan.provenance.macs.dense);
    expect(parsePlan(formatPlan(plan))).toEqual(plan);
    expect(blocksFor(plan, model)).toEqual(plan.blocks);
  });

  it('records the errors of a top-down search, which meet the tolerance', async () => {
    const { plan } = await slim(await smallModel(), await smallImages(6), slimOptions(topDown));
    const { provenance, blocks } = plan;
    expect(provenance.errors).toHaveLength(4);
    const searched = provenance.errors!.slice(0, 3);
    expect(searched.every((error) => error !== null && error <= 0.02)).toBe(true);
    expect(provenance.errors![3]).toBeNull();
    expect(blocks.some((block) => block.kind === 'keep' && block.keep.length > 1)).toBe(true);
  });

  it('calls attention dense for an estimator that does not look deeper', async () => {
    const options = slimOptions(counts, { estimator: findScore('feature-norm'), attention: 'slimmed' });
    const { plan } = await slim(await smallModel(), await smallImages(2), options);
    expect(plan.provenance).toMatchObject({ estimator: 'feature-norm', attention: 'dense' });
  });

  it('draws the same lots for the same seed, others for another', async () => {
    const [model, images] = [await smallModel(), await smallImages(2)];
    const run = async (seed: number) =>
      keptBy((await slim(model, images, slimOptions(counts, { estimator: findScore('random'), seed }))).plan);
    expect(await run(1)).toEqual(await run(1));
    expect(await run(1)).not.toEqual(await run(2));
  });
});

describe('an abort', () => {
  it.each([
    ['score', counts],
    ['features', topDown],
    ['plan', topDown],
  ])('at stage %s ends slim and leaves nothing behind', async (stage, schedule) => {
    const images = await smallImages(6);
    const folder = ownTemporaryFolder();
    const model = await smallModel();
    const live = model.backend.memory.liveTensors;
    const controller = new AbortController();
    const stages: string[] = [];
    const slimming = slim(model, images, {
      ...slimOptions(schedule),
      signal: controller.signal,
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
