/** The experiment of Fig. 7 on a small model, against whole forward passes under plans written here. */

import { imageSet, splitExamples, subset } from '@patchslim/datasets';
import { attentionNorm, impact, random } from '@patchslim/importance-estimators';
import { fillUp } from '@patchslim/slimming-schedules';
import { range } from '@patchslim/tensor';
import { densePlan, type BlockPlan } from '@patchslim/vit-models';
import { describe, expect, it } from 'vitest';
import { backends, imageFiles, smallImages } from '../test/image-files.js';
import { config, preprocessing, smallModel } from '../test/small-model.js';
import { evaluate } from './evaluate.js';
import { scoreImages } from './score-images.js';
import { singleBlockCurves } from './single-block-curves.js';

const options = { seed: 5, batchSize: 4 };

describe.each(backends)('singleBlockCurves, %s', (_, createBackend) => {
  it('measures one slimmed block at a time, the others dense', async () => {
    const model = await smallModel(await createBackend());
    const images = await smallImages(17, { labelled: true });
    const { chosen, rest } = splitExamples(range(17), 6, options.seed);
    const [calibration, heldBack] = [subset(images, chosen), subset(images, rest)];
    const live = model.backend.memory.liveTensors;
    const curves = await singleBlockCurves(model, images, {
      ...{ ...options, calibrate: 6 },
      blocks: [0, 2],
      rates: [0.25, 0.75],
      scores: [impact, attentionNorm, random],
    });
    expect(model.backend.memory.liveTensors).toBe(live);
    expect(curves).toMatchObject({ calibrationImages: 6, images: 11 });
    expect(curves.points).toHaveLength(12);
    expect(curves.denseTop1).toBe((await evaluate(model, heldBack, options)).top1);
    for (const score of [impact, random]) {
      const scores = await scoreImages(model, calibration, { ...options, score });
      for (const [rate, count] of [
        [0.25, 13],
        [0.75, 5],
      ] as const) {
        const plan: BlockPlan[] = densePlan(config);
        plan[2] = { kind: 'keep', keep: fillUp([0], scores[2]!, count), keys: 'all' };
        const { top1 } = await evaluate(model, heldBack, { ...options, plan });
        expect(curves.points).toContainEqual({
          block: 2,
          score: score.name,
          rate,
          tokensKept: count,
          top1,
        });
      }
    }
  });
});

it('requires labels', async () => {
  const model = await smallModel();
  const images = await smallImages(3);
  const asked = { ...options, blocks: [0], rates: [0.5], scores: [random] };
  await expect(singleBlockCurves(model, images, asked)).rejects.toMatchObject({
    code: 'DATA_INVALID',
  });
});

it('counts no file that cannot be decoded', async () => {
  const files = await imageFiles(9, { labelled: true, corrupt: 3 });
  expect(splitExamples(range(9), 6, options.seed).chosen).toContain(3);
  const images = imageSet('photos', files, preprocessing, { corrupt: 'skip' });
  const asked = { ...options, calibrate: 6, blocks: [1], rates: [0.5], scores: [random] };
  const curves = await singleBlockCurves(await smallModel(), images, asked);
  expect(curves).toMatchObject({ calibrationImages: 5, images: 3 });
});
