/** From a method and images to a plan within a budget. */

import { createOnnxBackend } from '@patchslim/backend-onnx';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { findScore } from '@patchslim/importance-estimators';
import type { ImageSet } from '@patchslim/datasets';
import { blocksFor, formatPlan, parsePlan, parseSchedule } from '@patchslim/slimming-schedules';
import { toPlanBlocks } from '@patchslim/token-reducers';
import { describe, expect, it } from 'vitest';
import { smallModel, smallTensors } from '../../test/small-model.js';
import { ownTemporaryFolder } from '../../test/temporary-folder.js';
import { costOfCounts, planOfCounts } from '../counted-plan.js';
import {
  comparePlans,
  methods,
  runtimeMethods,
  slim,
  slimAtRunTime,
  slimToBudget,
  type SlimToBudgetOptions,
} from '../index.js';

const model = await smallModel(await createOnnxBackend({ threads: 1 }));
const ward = runtimeMethods[0]!;
const [images, heldBack] = [smallTensors(16, 1), smallTensors(16, 2)];
const schedule = parseSchedule('budget:0.75');
const options = { schedule, seed: 0, batchSize: 8, rounds: 4 };
const run = (some: Partial<SlimToBudgetOptions> = {}, method = ward) =>
  slimToBudget(model, method, images, heldBack, { ...options, ...some });

describe('slimToBudget', () => {
  it.each(runtimeMethods)(
    'stays within the budget, and says what the search came to: $name',
    async (method) => {
      const plan = await run({}, method);
      const start = slimAtRunTime(model, method, schedule);
      const { macs, search, ...origin } = plan.provenance;
      expect(macs.slimmed).toBeLessThanOrEqual(0.75 * macs.dense);
      expect(origin).toMatchObject({ method: method.name, schedule: 'budget:0.75', images: 16, seed: 0 });
      const { taken, found, interval, start: before } = search!;
      expect(costOfCounts(model.config, method.entry)(found.counts)).toBeLessThanOrEqual(0.75);
      expect(taken).toBe(interval[1] < 0 ? 'found' : 'start');
      expect((interval[0] + interval[1]) / 2).toBeCloseTo(found.divergence - before.divergence, 6);
      const { plans } = await comparePlans(model, [start, plan], heldBack, { batchSize: 8, runs: 0 });
      expect(plans[0]!.divergence).toBeCloseTo(before.divergence, 6);
      expect(plans[1]!.divergence).toBeCloseTo((taken === 'found' ? found : before).divergence, 6);
      expect(toPlanBlocks(blocksFor(parsePlan(formatPlan(plan)), model))).toEqual(plan.blocks);
    },
  );

  it('keeps the fixed shape unless what was found is better on other images for certain', async () => {
    const judged = async (judging: ImageSet) => {
      const plan = await slimToBudget(model, ward, images, judging, options);
      return { plan, search: plan.provenance.search! };
    };
    const many = await judged(smallTensors(96, 4));
    const few = await judged(smallTensors(2, 5));
    expect(many.search.found).toMatchObject({ counts: few.search.found.counts });
    for (const { plan, search } of [many, few]) {
      const wanted = search.interval[1] < 0 ? search.found : search.start;
      expect(plan.blocks).toEqual(toPlanBlocks(planOfCounts(model.config, wanted.counts, ward.entry)));
    }
    expect([many.search.taken, few.search.taken]).toEqual(['found', 'start']);
  });

  it('goes on after it was cut off, and ends with the same plan', async () => {
    const expected = await run();
    const progress = join(ownTemporaryFolder(), 'progress/counts.json');
    const controller = new AbortController();
    const stop = ({ stage, done }: { stage: string; done: number }) =>
      stage === 'search counts' && done === 1 && controller.abort();
    await expect(run({ progress, signal: controller.signal, onProgress: stop })).rejects.toMatchObject({
      code: 'ABORTED',
    });
    expect((await readFile(progress, 'utf8')).length).toBeGreaterThan(100);
    expect(await run({ progress })).toEqual(expected);
    await expect(run({ progress, seed: 1 })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });

  it('measures nothing again that is noted, and takes nothing from the notes of other images or weights', async () => {
    const progress = join(ownTemporaryFolder(), 'counts.json');
    const search = (set: ImageSet, judging: ImageSet, network = model) =>
      slimToBudget(network, ward, set, judging, { ...options, progress });
    await search(images, heldBack);
    const written = await stat(progress);
    await search(smallTensors(16, 1), smallTensors(16, 2)); // new sets of the same images
    expect((await stat(progress)).ino).toBe(written.ino); // every measurement writes a new file
    const refused = { code: 'INVALID_ARGUMENT' };
    await expect(search(smallTensors(16, 3), heldBack)).rejects.toMatchObject(refused);
    await expect(search(images, smallTensors(16, 3))).rejects.toMatchObject(refused);
    const others = await smallModel(model.backend, undefined, 5);
    await expect(search(images, heldBack, others)).rejects.toMatchObject(refused);
    expect((await stat(progress)).ino).toBe(written.ino);
  });

  it('spends a time as well, and keeps the times that it began with', async () => {
    const progress = join(ownTemporaryFolder(), 'counts.json');
    const time = { schedule: parseSchedule('budget:1000ms@native'), progress, rounds: 1 };
    const plan = await run(time);
    expect(plan.provenance.latency).toMatchObject({ backend: 'native', batch: 1 });
    expect(await run(time)).toEqual(plan);
    const elsewhere = parseSchedule('budget:1000ms@webgpu');
    await expect(run({ schedule: elsewhere })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });

  it('refuses schedules that are no budget', async () => {
    await expect(run({ schedule: parseSchedule('constant:2') })).rejects.toThrow(
      /expected a schedule like budget:0.5/,
    );
  });

  it('leaves no tensor behind', async () => {
    const live = model.backend.memory.liveTensors;
    await run({ rounds: 1 });
    expect(model.backend.memory.liveTensors).toBe(live);
  });
});

describe('a time as budget of methods that look at no counts', () => {
  const time = { ...options, schedule: parseSchedule('budget:1000ms@native') };

  it.each(methods)('$name plans by measured blocks', async (method) => {
    const { provenance } = await method.plan(model, images, time);
    expect(provenance.latency).toMatchObject({ backend: 'native', batch: 1 });
  });

  it('needs compact keys of static positions', async () => {
    const estimator = findScore('uniform');
    const slimming = slim(model, images, { ...time, estimator, attention: 'dense', keys: 'all' });
    await expect(slimming).rejects.toThrow(/needs compact keys, got 'all'/);
  });
});
