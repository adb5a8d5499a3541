/** Figures of a small model on small images, against logits computed image by image. */

import { imageSet, type ImageSet } from '@patchslim/datasets';
import type { ProgressEvent } from '@patchslim/tensor';
import { forward, losslessPlan, type BlockPlan } from '@patchslim/vit-models';
import { describe, expect, it } from 'vitest';
import { imageByImage } from '../test/image-by-image.js';
import { backends, smallImages, imageFiles } from '../test/image-files.js';
import { countPrograms } from '../test/count-programs.js';
import { config, preprocessing, smallModel, smallTensors } from '../test/small-model.js';
import { watch } from '../test/watched-images.js';
import { shareInterval } from './intervals/share-interval.js';
import { evaluate, predict, predictWithAll, summarizePredictions } from './evaluate.js';

const plan: readonly BlockPlan[] = [
  { kind: 'keep', keep: [0, 2, 5, 7, 11, 16], keys: 'compact' },
  { kind: 'dense' },
  { kind: 'keep', keep: [0, 5, 16], keys: 'compact' },
  { kind: 'keep', keep: [0], keys: 'compact' },
];

/** Classes from the largest logit to the smallest, image by image. */
async function rankings(images: ImageSet, blocks?: readonly BlockPlan[]): Promise<number[][]> {
  const model = await smallModel();
  const rows = await imageByImage(model, images, (pixels) => forward(model, pixels, { plan: blocks }).logits);
  return rows.map((row) => row.map((_, i) => i).sort((a, b) => row[b]! - row[a]!));
}

const percent = (hits: readonly boolean[]) => (100 * hits.filter(Boolean).length) / hits.length;

describe.each(backends)('evaluate, %s', (_, createBackend) => {
  it.each([
    ['dense', undefined],
    ['slimmed', plan],
  ])('gives top-1 and top-5 of labelled images, %s, at any batch size', async (_, blocks) => {
    const images = await smallImages(11, { labelled: true });
    const ranked = await rankings(images, blocks);
    const top1 = percent(ranked.map((classes, i) => classes[0] === i % config.classes));
    const top5 = percent(ranked.map((classes, i) => classes.slice(0, 5).includes(i % config.classes)));
    const model = await smallModel(await createBackend());
    const live = model.backend.memory.liveTensors;
    for (const batchSize of [1, 4, 16]) {
      const result = await evaluate(model, images, { plan: blocks, batchSize });
      expect(result).toMatchObject({ images: 11, top1, top5 });
      expect(result).not.toHaveProperty('agreement');
      expect(result.intervals).toEqual({ top1: shareInterval(top1, 11), top5: shareInterval(top5, 11) });
      const { imagesPerSecond, decodeMs, inferMs } = result;
      expect(imagesPerSecond * (decodeMs + inferMs)).toBeCloseTo(11 * 1000, 6);
    }
    expect(model.backend.memory.liveTensors).toBe(live);
  });

  it('compares with the dense network when there are no labels', async () => {
    const images = await smallImages(9);
    const [dense, slimmed] = [await rankings(images), await rankings(images, plan)];
    const agreement = percent(dense.map(([best], i) => best === slimmed[i]![0]));
    expect(agreement).toBeGreaterThan(0);
    expect(agreement).toBeLessThan(100);
    const model = await smallModel(await createBackend());
    const result = await evaluate(model, images, { plan, batchSize: 4 });
    expect(result).toMatchObject({ images: 9, agreement });
    expect(result.intervals).toEqual({ agreement: shareInterval(agreement, 9) });
    expect(result).not.toHaveProperty('top1');
    expect(await evaluate(model, images, { plan: losslessPlan(config), batchSize: 4 })).toMatchObject({
      agreement: 100,
    });
    expect(await evaluate(model, images, { batchSize: 4 })).not.toHaveProperty('agreement');
  });
});

describe('predict', () => {
  it('gives the class of every image in order, and labels if all have one', async () => {
    const [labelled, unlabelled] = [await smallImages(5, { labelled: true }), await smallImages(5)];
    const model = await smallModel();
    const classes = Int32Array.from((await rankings(unlabelled)).map(([best]) => best!));
    const predictions = await predict(model, labelled, { batchSize: 2 });
    expect(predictions.classes).toEqual(classes);
    expect(predictions.labels).toEqual(Int32Array.of(0, 1, 2, 3, 4));
    expect(await predict(model, unlabelled, { batchSize: 2 })).not.toHaveProperty('labels');
    expect(summarizePredictions(predictions, predictions).agreement).toBe(100);
  });

  it('is empty for no images, and has no figures', async () => {
    const predictions = await predict(await smallModel(), imageSet('nothing', [], preprocessing), {
      batchSize: 2,
    });
    expect(predictions.classes).toHaveLength(0);
    expect(() => summarizePredictions(predictions)).toThrow(
      expect.objectContaining({ code: 'DATA_INVALID' }),
    );
  });

  it('refuses a label without a class in the model, and names the image', async () => {
    const [first, second] = await imageFiles(2, { labelled: true });
    const images = imageSet('noise', [first!, { ...second!, label: config.classes }], preprocessing);
    await expect(predict(await smallModel(), images, { batchSize: 2 })).rejects.toMatchObject({
      code: 'DATA_INVALID',
      message: `predict(): image '${second!.id}' of 'noise' has label 7, but the model has 7 classes (0 to 6)`,
    });
  });

  it('counts the images', async () => {
    const events: ProgressEvent[] = [];
    const onProgress = (event: ProgressEvent) => events.push(event);
    await predict(await smallModel(), await smallImages(5), { batchSize: 2, onProgress });
    expect(events).toEqual([2, 4, 5].map((done) => ({ stage: 'evaluate', done, total: 5, unit: 'images' })));
  });

  it('stops at the signal and leaks no tensor', async () => {
    const model = await smallModel();
    const live = model.backend.memory.liveTensors;
    const controller = new AbortController();
    const options = { batchSize: 2, signal: controller.signal, onProgress: () => controller.abort() };
    await expect(predict(model, await smallImages(5), options)).rejects.toMatchObject({ code: 'ABORTED' });
    expect(model.backend.memory.liveTensors).toBe(live);
  });

  it('passes the error of a corrupt image on', async () => {
    const model = await smallModel();
    const live = model.backend.memory.liveTensors;
    const broken = await smallImages(5, { corrupt: 4 });
    await expect(predict(model, broken, { batchSize: 2 })).rejects.toMatchObject({ code: 'DATA_INVALID' });
    expect(model.backend.memory.liveTensors).toBe(live);
  });
});

describe('predictWithAll', () => {
  it('decodes each image once, and gives the same as each network alone', async () => {
    const { images, reads } = watch(smallTensors(7));
    const [model, other] = [await smallModel(), await smallModel(undefined, undefined, 5)];
    const networks = [{ model }, { model, plan }, { model: other, plan }];
    const all = await predictWithAll(networks, images, { batchSize: 3, keepLogits: true });
    expect(reads).toEqual(['0', '1', '2', '3', '4', '5', '6']);
    expect(all).toHaveLength(3);
    for (const [i, network] of networks.entries()) {
      const alone = await predict(network.model, smallTensors(7), {
        ...{ plan: network.plan, batchSize: 3, keepLogits: true },
      });
      const { ids, classes, labels, logits, inTop5 } = alone;
      expect(all[i]).toMatchObject({ ids, classes, labels, logits, inTop5 });
    }
    expect(all[1]!.logits).not.toEqual(all[0]!.logits);
    expect(all[2]!.logits).not.toEqual(all[1]!.logits);
  });

  it('counts each image once in its progress, and leaks nothing when a network does not fit', async () => {
    const model = await smallModel();
    const live = model.backend.memory.liveTensors;
    const programs = countPrograms(model.backend);
    const done: number[] = [];
    const options = { batchSize: 2, onProgress: (event: ProgressEvent) => done.push(event.done) };
    await predictWithAll([{ model }, { model, plan }], smallTensors(3), options);
    expect(done).toEqual([2, 3]);
    const short = [{ model }, { model, plan: plan.slice(1) }];
    await expect(predictWithAll(short, smallTensors(3), options)).rejects.toMatchObject({
      code: 'PLAN_INVALID',
    });
    expect(programs.live).toBe(0);
    expect(model.backend.memory.liveTensors).toBe(live);
  });
});
