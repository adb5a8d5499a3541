/** Scores and errors of the oracle, against straightforward computations in memory. */

import type { ImageSet } from '@patchslim/datasets';
import { findScore } from '@patchslim/importance-estimators';
import { errorNorms, type ErrorNorm } from '@patchslim/slimming-schedules';
import { scope } from '@patchslim/tensor';
import { embed, runBlocks, type BlockPlan, type Keys, type VitModel } from '@patchslim/vit-models';
import { describe, expect, it, onTestFinished } from 'vitest';
import { imageByImage, meanOf, singleImages } from '../test/image-by-image.js';
import { backends, smallImages } from '../test/image-files.js';
import { jobFor } from '../test/job-for.js';
import { config, smallModel } from '../test/small-model.js';
import { spilledTo, ownTemporaryFolder } from '../test/temporary-folder.js';
import { costOfCounts, firstTokens } from './counted-plan.js';
import { createOracle, type OracleOptions } from './oracle.js';
import { scoreImages } from './score-images.js';

const impact = findScore('impact');
const options: OracleOptions = {
  ...{ score: impact, deeperBlocks: 'dense', keys: 'compact' },
  costOf: costOfCounts(config, firstTokens('compact')),
};
const running = { seed: 0, batchSize: 2 };
const kept = [[], [0, 2, 3, 5, 8, 11, 12, 14, 16], [0, 3, 8, 12], [0]];

const planWith = (keys: Keys): BlockPlan[] =>
  kept.map((keep, block) => (block === 0 ? { kind: 'dense' } : { kind: 'keep', keep, keys }));

/** An oracle that is closed at the end of the test. */
async function openOracle(model: VitModel, images: ImageSet, changes: Partial<OracleOptions> = {}) {
  const job = await jobFor(model, undefined, running);
  const oracle = await createOracle(job, images, { ...options, ...changes });
  onTestFinished(() => oracle.close());
  return oracle;
}

/** `‖diag(m)(Ẑ − Z)‖²` and `‖diag(m) Z‖²` at `block`, summed over the images. */
async function squaredNorms(model: VitModel, images: ImageSet, block: number, plan: readonly BlockPlan[]) {
  const { backend } = model;
  const local = plan.map((entry, index): BlockPlan => (index < block - 1 ? { kind: 'dense' } : entry));
  let error = 0;
  let size = 0;
  for (const host of await singleImages(images)) {
    const { reached, wanted } = scope(backend, () => {
      const embedded = embed(model, backend.constant(host));
      const original = runBlocks(model, embedded, { to: block - 1 }).state;
      return {
        reached: runBlocks(model, original, { plan: local, from: block - 1, to: block + 1 }).state,
        wanted: runBlocks(model, embedded, { to: block + 1 }).state.tokens,
      };
    });
    const [slim, dense] = [await reached.tokens.data(), await wanted.data()];
    const positions = reached.positions as readonly number[];
    for (const position of kept[block]!) {
      for (let channel = 0; channel < config.width; channel++) {
        const z = dense[position * config.width + channel]!;
        error += (slim[positions.indexOf(position) * config.width + channel]! - z) ** 2;
        size += z ** 2;
      }
    }
  }
  return { error, size };
}

describe.each(backends)('error(), %s', (_, createBackend) => {
  it.each(['compact', 'all'] as const)(
    'is the reconstruction error of the rows kept, %s keys',
    async (keys) => {
      const images = await smallImages(5);
      const model = await smallModel(await createBackend());
      const reference = await smallModel();
      const live = model.backend.memory.liveTensors;
      const oracle = await openOracle(model, images, { keys });
      const plan = planWith(keys);
      for (const block of [2, 3]) {
        const { error, size } = await squaredNorms(reference, images, block, plan);
        expect(error).toBeGreaterThan(0);
        const elements = kept[block]!.length * config.width;
        const expected: Record<ErrorNorm, number> = {
          sum: error / 5,
          mean: error / 5 / elements,
          relative: error / size,
        };
        for (const norm of errorNorms) {
          const got = await oracle.error(block, plan, norm);
          expect(Math.abs(got / expected[norm] - 1)).toBeLessThan(1e-4);
        }
      }
      expect(model.backend.memory.liveTensors).toBe(live);
    },
  );

  it('is zero where the block below is dense', async () => {
    const oracle = await openOracle(await smallModel(await createBackend()), await smallImages(3));
    expect(await oracle.error(1, planWith('compact'), 'relative')).toBeLessThan(1e-10);
  });
});

describe('scores()', () => {
  it('with dense deeper blocks come from one pass over the images, without spilling', async () => {
    const images = await smallImages(5);
    const folder = ownTemporaryFolder();
    const model = await smallModel();
    const oracle = await openOracle(model, images);
    const expected = await scoreImages(model, images, { ...running, score: impact });
    for (const block of [2, 1, 0]) {
      expect(await oracle.scores(block, planWith('compact'))).toEqual(expected[block]);
    }
    expect(await spilledTo(folder)).toEqual([]);
  });

  it.each(backends)('with slimmed deeper blocks see them as in the plan, %s', async (_, createBackend) => {
    const images = await smallImages(5);
    const model = await smallModel(await createBackend());
    const reference = await smallModel();
    for (const keys of ['compact', 'all'] as const) {
      const oracle = await openOracle(model, images, { deeperBlocks: 'slimmed', keys });
      for (const block of [2, 1, 0]) {
        const plan = planWith(keys).map((entry, i): BlockPlan => (i <= block ? { kind: 'dense' } : entry));
        const expected = meanOf(
          await imageByImage(reference, images, (pixels) => {
            const range = { plan, capture: impact.needs };
            const { captures } = runBlocks(reference, embed(reference, pixels), range);
            return impact.score(captures.slice(block), { config, seed: 0 })[0]!;
          }),
        );
        const scores = await oracle.scores(block, planWith(keys));
        expect(scores).toHaveLength(17);
        for (const [i, value] of expected.entries()) {
          expect(Math.abs(scores[i]! - value)).toBeLessThanOrEqual(1e-4 * Math.abs(value) + 1e-9);
        }
      }
    }
  });

  it('are the same in both modes for a score that does not read deeper blocks', async () => {
    const images = await smallImages(3);
    const folder = ownTemporaryFolder();
    const score = findScore('class-attention');
    const model = await smallModel();
    const oracle = await openOracle(model, images, { score, deeperBlocks: 'slimmed' });
    const [, expected] = await scoreImages(model, images, { ...running, score });
    expect(await oracle.scores(1, planWith('compact'))).toEqual(expected);
    expect(await spilledTo(folder)).toEqual([]);
  });
});

describe('createOracle', () => {
  it('makes each pass over the images once, and only on request', async () => {
    let passes = 0;
    const images = await smallImages(3);
    const counted: ImageSet = {
      ...images,
      batches(...request) {
        passes++;
        return images.batches(...request);
      },
    };
    const oracle = await openOracle(await smallModel(), counted);
    expect(passes).toBe(0);
    await Promise.all([2, 1, 0].map((block) => oracle.scores(block, planWith('compact'))));
    expect(passes).toBe(1);
    await Promise.all([2, 3].map((block) => oracle.error(block, planWith('compact'), 'mean')));
    expect(passes).toBe(2);
  });

  it('can be closed after a pass that failed', async () => {
    const broken = await smallImages(3, { corrupt: 2 });
    const folder = ownTemporaryFolder();
    const oracle = await openOracle(await smallModel(), broken);
    await expect(oracle.error(2, planWith('compact'), 'mean')).rejects.toMatchObject({
      code: 'DATA_INVALID',
    });
    await oracle.close();
    expect(await spilledTo(folder)).toEqual([]);
  });
});
