/** The images of a job: calibration, choice and evaluation use separate images, and each image is decoded once. */

import { createOnnxBackend } from '@patchslim/backend-onnx';
import { parseSchedule } from '@patchslim/slimming-schedules';
import { densePlan } from '@patchslim/vit-models';
import { beforeEach, describe, expect, it } from 'vitest';
import { jobFor } from '../../test/job-for.js';
import { smallModel, smallTensors } from '../../test/small-model.js';
import { idsOf, shared, watch } from '../../test/watched-images.js';
import { compare } from '../compare/compare.js';
import { evaluatePair } from '../evaluate-pair.js';
import { makePlan } from '../make-plan.js';
import { hostParams } from '../learn/host-params.js';
import type { Method } from '../methods/method.js';
import { parseMethod } from '../methods/methods.js';
import { planByMethod } from '../plan-by-method.js';
import type { Recovery } from '../recover/recovery.js';
import { slim, type SlimOptions } from '../slim.js';
import { calibratingCount } from './job.js';
import { splitImages } from './split-images.js';

const model = await smallModel(await createOnnxBackend({ threads: 1 }));
const ward = parseMethod('ward');

describe('slim', () => {
  it.each<[string, SlimOptions]>([
    ['a top-down search', { method: 'patch-slimming', schedule: 'top-down:tolerance=0.1,granularity=4' }],
    ['predictors', { method: 'dps', schedule: 'budget:0.7' }],
    ['searched counts', { method: 'ward', schedule: 'search:0.7' }],
    ['all methods', { method: 'auto', schedule: 'budget:0.7' }],
    ['a recovery', { method: 'ward', schedule: 'budget:0.7', recover: 'distill:epochs=1,rate=0.001' }],
  ])('with %s decodes each image used for the plan once, and no other', async (_, options) => {
    const { images, reads } = watch(smallTensors(20));
    const { plan, model: slimmed, unseen } = await slim(model, images, { ...options, batchSize: 4 });
    expect(new Set(reads).size).toBe(10);
    expect(reads).toHaveLength(10);
    const mine = [...reads];
    const result = await evaluatePair(model, { plan, model: slimmed.model }, unseen!, { batchSize: 4 });
    const judging = reads.slice(mine.length);
    expect(result.dense.images).toBe(10);
    expect(judging).toHaveLength(10);
    expect(shared(mine, judging)).toBe(0);
    expect(new Set(reads).size).toBe(20);
    await slimmed.close();
  });

  it('reads no image for a method that needs none; all are unseen', async () => {
    const { images, reads } = watch(smallTensors(5));
    const options = { method: 'ward', schedule: 'budget:0.7' };
    const { unseen } = await slim(model, images, options);
    expect(reads).toEqual([]);
    expect(unseen!.count).toBe(5);
    expect((await slim(model, undefined, options)).unseen).toBeUndefined();
  });

  it('refuses a method that needs images and gets none', async () => {
    const dps = { method: 'dps', schedule: 'budget:0.7' };
    const code = 'INVALID_ARGUMENT';
    for (const [images, options, message] of [
      [smallTensors(8), { ...dps, calibrate: 0 }, /^dps, budget:0\.7: expected at least 1 image/],
      [undefined, dps, /^dps, budget:0\.7: expected images, got none/],
    ] as const) {
      await expect(slim(model, images, options)).rejects.toMatchObject({
        code,
        message: expect.stringMatching(message) as unknown,
      });
    }
  });

  it('draws the images for the plan by the seed alone', async () => {
    const drawn = async (seed: number) => {
      const { images, reads } = watch(smallTensors(20));
      await slim(model, images, { method: 'dps', schedule: 'budget:0.8', seed, calibrate: 6, batchSize: 4 });
      return reads.join();
    };
    expect(await drawn(1)).toBe(await drawn(1));
    expect(await drawn(2)).not.toBe(await drawn(1));
  });
});

describe('makePlan', () => {
  /** Names of the images that are read during a call. */
  let during: Record<'calibrate' | 'choose' | 'teach' | 'best epoch' | 'gain', string[]>;
  let phase: keyof typeof during;
  beforeEach(() => {
    during = { calibrate: [], choose: [], teach: [], 'best epoch': [], gain: [] };
    phase = 'choose';
  });

  /** A method that reads its images and removes nothing. */
  const looking = (name: string): Method => ({
    ...ward,
    name,
    async plan(job) {
      phase = 'calibrate';
      await idsOf(job.images!);
      phase = 'choose';
      return { blocks: densePlan(model.config), steps: [{ step: 'top-down', errors: [] }] };
    },
  });
  const learning: Recovery = {
    ...{ name: 'distill', spec: 'looking', needsPositions: false },
    async recover(_dense, start, _plan, { images, heldBack }) {
      phase = 'teach';
      await idsOf(images);
      phase = 'best epoch';
      await idsOf(heldBack);
      phase = 'gain';
      return hostParams(start.params);
    },
  };

  it('separates images that calibrate, choose a method, and choose an epoch', async () => {
    const onRead = (ids: readonly string[]) => during[phase].push(...ids);
    const { images } = watch(smallTensors(24), { inMemory: true, onRead });
    const job = await jobFor(model, images, { batchSize: 4 });
    const made = await makePlan(job, {
      ...{ methods: [looking('one'), looking('other')], schedule: parseSchedule('budget:0.7') },
      ...{ recovery: [learning], usesImages: true, specs: [] },
    });
    const { calibrate, choose, teach, gain, 'best epoch': epoch } = during;
    expect(made.plan.provenance.steps.map(({ step }) => step)).toEqual([
      ...['top-down', 'chosen', 'recovered'],
    ]);
    expect(made.adapted).toBeDefined();
    // Of 24 images an eighth chooses the epoch; half of the others calibrates, the other half chooses the method.
    expect([teach, epoch].map((ids) => new Set(ids).size)).toEqual([21, 3]);
    expect(new Set(calibrate).size + new Set(choose).size).toBe(21);
    expect(choose.length).toBeGreaterThan(9);
    expect(shared(calibrate, choose)).toBe(0);
    expect(shared(calibrate, epoch)).toBe(0);
    expect(shared(choose, epoch)).toBe(0);
    expect(shared(teach, epoch)).toBe(0);
    expect(new Set(gain)).toEqual(new Set(epoch));
  });

  it('separates images that search counts from images that decide about them', async () => {
    const { images, reads } = watch(smallTensors(12), { inMemory: true });
    const job = await jobFor(model, images, { batchSize: 4 });
    await planByMethod(job, ward, parseSchedule('search:0.7'));
    const [searching, deciding] = [reads.slice(0, 6), reads.slice(6)];
    expect(deciding).toHaveLength(6);
    expect(shared(searching, deciding)).toBe(0);
  });
});

describe('compare', () => {
  it('decodes each image for the plans once, and each image for evaluation once', async () => {
    const { images, reads } = watch(smallTensors(20));
    const options = { methods: ['ward', 'dps', 'patch-slimming'], schedules: ['budget:0.7', 'budget:0.8'] };
    const { plans, images: measured } = await compare(model, images, { ...options, batchSize: 4 });
    expect(plans).toHaveLength(6);
    expect(measured).toBe(10);
    expect(reads).toHaveLength(20);
    expect(new Set(reads).size).toBe(20);
  });

  it('measures on every image in folds, and decodes each once', async () => {
    const { images, reads } = watch(smallTensors(11));
    const result = await compare(model, images, {
      ...{ methods: ['dps'], schedules: ['budget:0.7'], folds: 3, batchSize: 4 },
    });
    expect(result.images).toBe(11);
    expect(reads).toHaveLength(11);
  });
});

describe('splitImages', () => {
  it('draws a share of at least one image to choose, and leaves the others', async () => {
    for (const [count, share, choosing] of [
      [16, 0.5, 8],
      [24, 1 / 8, 3],
      [3, 1 / 8, 1],
    ] as const) {
      const parts = splitImages(smallTensors(count), { share, seed: 3, purpose: 'test' });
      const [calibrate, choose] = [await idsOf(parts.calibrate), await idsOf(parts.choose)];
      expect(choose).toHaveLength(choosing);
      expect(calibrate).toHaveLength(count - choosing);
      expect(shared(calibrate, choose)).toBe(0);
    }
  });

  it('reports how many images are missing', () => {
    const split = () => splitImages(smallTensors(3), { share: 0.5, seed: 0, purpose: 'auto', least: 4 });
    expect(split).toThrow(
      expect.objectContaining({
        code: 'DATA_INVALID',
        details: { images: 3, least: 4 },
        message: expect.stringContaining("auto: expected at least 4 images of 'noise'") as string,
      }),
    );
  });
});

it.each([
  [1000, undefined, 256],
  [100, undefined, 50],
  [1, undefined, 1],
  [100, 80, 80],
  [100, 400, 100],
])('of %i images, asked for %s, %i calibrate', (images, wanted, count) => {
  expect(calibratingCount(images, wanted)).toBe(count);
});
