/** Scores of a small model, against scores computed image by image. */

import { imageSet } from '@patchslim/datasets';
import { findScore, staticScores } from '@patchslim/importance-estimators';
import type { ProgressEvent } from '@patchslim/tensor';
import { embed, losslessPlan, runBlocks } from '@patchslim/vit-models';
import { describe, expect, it } from 'vitest';
import { imageByImage, meanOf } from '../test/image-by-image.js';
import { backends, smallImages } from '../test/image-files.js';
import { config, preprocessing, smallModel } from '../test/small-model.js';
import { scoreImages } from './score-images.js';

const seed = 3;

describe.each(staticScores)('scoreImages with $name', (score) => {
  it('is the mean over single images, for any batch size and backend', async () => {
    const images = await smallImages(5);
    const reference = await smallModel();
    const range = { plan: losslessPlan(config), capture: score.needs };
    const expected = await Promise.all(
      [0, 1, 2].map(async (block) =>
        meanOf(
          await imageByImage(reference, images, (pixels) => {
            const { captures } = runBlocks(reference, embed(reference, pixels), range);
            return score.score(captures, { config, seed })[block]!;
          }),
        ),
      ),
    );
    for (const [, createBackend] of backends) {
      const model = await smallModel(await createBackend());
      const live = model.backend.memory.liveTensors;
      for (const batchSize of [2, 8]) {
        const scores = await scoreImages(model, images, { score, seed, batchSize });
        expect(scores).toHaveLength(config.depth - 1);
        for (const [block, wanted] of expected.entries()) {
          expect(scores[block]).toHaveLength(wanted.length);
          for (const [i, value] of wanted.entries()) {
            expect(Math.abs(scores[block]![i]! - value)).toBeLessThanOrEqual(1e-5 * Math.abs(value) + 1e-7);
          }
        }
      }
      expect(model.backend.memory.liveTensors).toBe(live);
    }
  });
});

describe('scoreImages', () => {
  const options = { score: findScore('impact'), seed, batchSize: 2 };

  it('counts the images', async () => {
    const events: ProgressEvent[] = [];
    await scoreImages(await smallModel(), await smallImages(5), {
      ...options,
      onProgress: (event) => events.push(event),
    });
    expect(events).toEqual([2, 4, 5].map((done) => ({ stage: 'score', done, total: 5, unit: 'images' })));
  });

  it('refuses an empty set', async () => {
    const nothing = imageSet('nothing', [], preprocessing);
    await expect(scoreImages(await smallModel(), nothing, options)).rejects.toMatchObject({
      code: 'DATA_INVALID',
    });
  });

  it('stops at the signal and leaks no tensor', async () => {
    const model = await smallModel();
    const live = model.backend.memory.liveTensors;
    const controller = new AbortController();
    const scoring = scoreImages(model, await smallImages(5), {
      ...options,
      signal: controller.signal,
      onProgress: () => controller.abort(),
    });
    await expect(scoring).rejects.toMatchObject({ code: 'ABORTED' });
    expect(model.backend.memory.liveTensors).toBe(live);
  });
});
