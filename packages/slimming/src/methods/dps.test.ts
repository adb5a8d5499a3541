/** DPS on a small model, with images whose important patches move from image to image. */

import { tensorSet, type ImageSet } from '@patchslim/datasets';
import { impact, scoreTokens, type Predictor } from '@patchslim/importance-estimators';
import {
  blocksFor,
  findStep,
  formatPlan,
  largest,
  parsePlan,
  type SlimPlan,
} from '@patchslim/slimming-schedules';
import { createRandom, float32, type ProgressEvent } from '@patchslim/tensor';
import type { PlanBlock } from '@patchslim/token-reducers';
import { embed, losslessPlan, runBlocks } from '@patchslim/vit-models';
import { describe, expect, it } from 'vitest';
import { imageByImage } from '../../test/image-by-image.js';
import { backends } from '../../test/image-files.js';
import { config, smallModel } from '../../test/small-model.js';
import { evaluate } from '../evaluate.js';
import { keptTokens } from '../kept-tokens.js';
import { scoreImages } from '../score-images.js';
import { groupsOf } from '../predictor/fit-predictors.js';
import { slim, type SlimOptions } from '../slim.js';

/** Dark noise with a bright square of two by two patches at a random place. */
function brightSquares(count: number, seed: number): ImageSet {
  const random = createRandom(seed);
  const size = config.imageSize;
  const data = new Float32Array(count * 3 * size * size);
  for (let image = 0; image < count; image++) {
    const [left, top] = [4 * Math.floor(3 * random()), 4 * Math.floor(3 * random())];
    for (let i = 0; i < 3 * size * size; i++) {
      const [x, y] = [i % size, Math.floor(i / size) % size];
      const bright = x >= left && x < left + 8 && y >= top && y < top + 8;
      data[image * 3 * size * size + i] = (bright ? 2 : -0.1) + 0.1 * random();
    }
  }
  return tensorSet('squares', float32([count, 3, size, size], data));
}

const counts = [10, 6, 3, 1];
const schedule = `counts:${counts.join()}`;
const options = { seed: 3, batchSize: 8 };
const images = brightSquares(48, 1);

function predictorOf(entry: PlanBlock): Predictor {
  const reducer = entry.kind === 'reduce' ? entry.reducer : undefined;
  if (reducer?.name === 'top-k' && reducer.score.name === 'predictor') return reducer.score;
  throw new Error(`a block that does not keep tokens by a predictor: ${entry.kind}`);
}

/** Uses all images for the plan. */
async function dpsPlan(model: Model, set: ImageSet, changes: SlimOptions = {}): Promise<SlimPlan> {
  const all = { ...options, method: 'dps', schedule, calibrate: set.count };
  return (await slim(model, set, { ...all, ...changes })).plan;
}

describe('dps', () => {
  it('keeps the tokens with high impact in each image, better than fixed positions', async () => {
    const model = await smallModel();
    const plan = await dpsPlan(model, images);
    const fitted = findStep(plan.provenance, 'fitted')!;
    const fixed = await scoreImages(model, images, { ...options, score: impact });
    const others = brightSquares(16, 2);
    for (const block of [0, 1, 2]) {
      const entry = plan.blocks[block]!;
      const predictor = predictorOf(entry);
      const wanted = await impactOf(model, others, block);
      const predicted = await predictedBy(model, others, block, predictor);
      const overlap = (scoresOf: (image: number) => ArrayLike<number>) =>
        wanted.reduce((sum, scores, image) => {
          const best = new Set(patches(scores, counts[block]!));
          return sum + patches(scoresOf(image), counts[block]!).filter((p) => best.has(p)).length / best.size;
        }, 0) / wanted.length;
      const dynamic = overlap((image) => predicted[image]!);
      expect(dynamic).toBeGreaterThan(overlap(() => fixed[block]!) + 0.1);
      expect(dynamic).toBeGreaterThan(0.75);
      const { r2, staticR2 } = fitted;
      expect(r2[block]).toBeGreaterThan(staticR2[block]! + 0.2);
      expect(r2[block]).toBeLessThanOrEqual(1);
    }
    expect(fitted.r2[3]).toBeNull();
  });

  it('makes a plan that can be written, read and run; each image keeps its own tokens', async () => {
    const model = await smallModel();
    const plan = await dpsPlan(model, images, { schedule: 'keep-ratio:0.5@2' });
    expect(plan.blocks.map(({ kind }) => kind)).toEqual(['dense', 'reduce', 'dense', 'keep']);
    expect(plan.provenance).toMatchObject({
      method: 'dps',
      schedule: 'keep-ratio:0.5@2',
      images: { name: 'squares', count: 48, seed: 3 },
      steps: [{ step: 'fitted', score: 'impact', images: 48 }],
    });
    expect(plan.provenance.macs.slimmed).toBeLessThan(plan.provenance.macs.dense);
    const read = parsePlan(formatPlan(plan));
    expect(read).toEqual(plan);
    const blocks = blocksFor(read, model);
    const few = brightSquares(5, 4);
    for (const [, createBackend] of backends) {
      const other = await smallModel(await createBackend());
      const live = other.backend.memory.liveTensors;
      const kept = await keptTokens(other, few, { plan: blocks, batchSize: 2 });
      expect(kept.map((image) => image.map(({ length }) => length))).toEqual(
        Array.from({ length: 5 }, () => [17, 9, 9, 1]),
      );
      expect(
        kept.every((image) => image[1]!.join() === image[2]!.join() && image[1]![0]!.join() === '0'),
      ).toBe(true);
      expect(new Set(kept.map((image) => image[1]!.join())).size).toBeGreaterThan(1);
      expect((await evaluate(other, few, { plan: blocks, batchSize: 2 })).images).toBe(5);
      expect(other.backend.memory.liveTensors).toBe(live);
    }
  });

  it('is reproducible by seed', async () => {
    const model = await smallModel();
    const made = [3, 3, 4].map((seed) => dpsPlan(model, brightSquares(12, 1), { seed }));
    const [one, same, other] = await Promise.all(made);
    expect(formatPlan(same!)).toBe(formatPlan(one!));
    expect(other!.provenance.steps).not.toEqual(one!.provenance.steps);
  });

  it('gives the same on the native backend as on the reference backend', async () => {
    const plans = [];
    for (const [, createBackend] of backends) {
      plans.push(await dpsPlan(await smallModel(await createBackend()), images));
    }
    const [reference, native] = plans;
    for (const block of [0, 1, 2]) {
      const [wanted, got] = [reference!, native!].map(({ blocks }) => {
        const { positions, weights } = predictorOf(blocks[block]!);
        return [...positions, ...weights];
      });
      expect(wanted).toHaveLength(17 + 16);
      for (const [i, value] of wanted!.entries()) expect(Math.abs(got![i]! - value)).toBeLessThan(1e-2);
    }
  });

  it('reports progress to its end, stops at the signal, and leaks no tensor', async () => {
    const model = await smallModel();
    const live = model.backend.memory.liveTensors;
    const events: ProgressEvent[] = [];
    await dpsPlan(model, brightSquares(10, 1), { onProgress: (event) => events.push(event) });
    expect(events.map(({ done }) => done)).toEqual([8, 9, 10]);
    expect(events.every(({ total, unit }) => total === 10 && unit === 'images')).toBe(true);
    const controller = new AbortController();
    const aborted = dpsPlan(model, images, {
      signal: controller.signal,
      onProgress: () => controller.abort(),
    });
    await expect(aborted).rejects.toMatchObject({ code: 'ABORTED' });
    expect(model.backend.memory.liveTensors).toBe(live);
  });

  it('refuses schedules that need images, and too few images', async () => {
    const model = await smallModel();
    const topDown = { schedule: 'top-down:tolerance=0.1,granularity=2' };
    await expect(dpsPlan(model, images, topDown)).rejects.toThrow(
      /dps needs a schedule whose counts are known beforehand .*, got 'top-down/,
    );
    await expect(dpsPlan(model, brightSquares(1, 1))).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
    await expect(dpsPlan(model, images, { schedule: 'counts:3,6,3,1' })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
  });
});

describe('groupsOf', () => {
  it('is the largest divisor up to 48', () => {
    expect([16, 192, 384, 768, 1024, 53, 100].map(groupsOf)).toEqual([16, 48, 48, 48, 32, 1, 25]);
  });
});

type Model = Awaited<ReturnType<typeof smallModel>>;

const patches = (scores: ArrayLike<number>, count: number): number[] =>
  largest(Array.from(scores).slice(1), count - 1);

function impactOf(model: Model, set: ImageSet, block: number): Promise<number[][]> {
  return imageByImage(model, set, (pixels) => {
    const range = { plan: losslessPlan(config), capture: impact.needs };
    const { captures } = runBlocks(model, embed(model, pixels), range);
    return impact.score(captures, { config, seed: 0 })[block]!;
  });
}

function predictedBy(model: Model, set: ImageSet, block: number, predictor: Predictor): Promise<number[][]> {
  return imageByImage(model, set, (pixels) => {
    const { tokens, positions } = runBlocks(model, embed(model, pixels), { to: block }).state;
    return scoreTokens(predictor, tokens, positions);
  });
}
