/** Features on disk: contents and cleanup. */

import { imageSet, type ImageSet } from '@patchslim/datasets';
import { createOnnxRecorder } from '@patchslim/backend-onnx';
import { embed, runBlocks, type VitModel } from '@patchslim/vit-models';
import { truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { concatenated, imageByImage } from '../test/image-by-image.js';
import { backends, smallImages } from '../test/image-files.js';
import { config, preprocessing, smallModel } from '../test/small-model.js';
import { spilledTo, ownTemporaryFolder, useTemporaryFolder } from '../test/temporary-folder.js';
import { collectFeatures } from './feature-store.js';

/** The features after `depth` blocks of all images, one after the other. */
async function expectedFeatures(model: VitModel, images: ImageSet, depth: number): Promise<Float32Array> {
  const rows = await imageByImage(
    model,
    images,
    (pixels) => runBlocks(model, embed(model, pixels), { to: depth }).state.tokens,
  );
  return Float32Array.from(rows.flat());
}

describe.each(backends)('collectFeatures, %s', (_, createBackend) => {
  it('keeps the features between the blocks, for batches of any size', async () => {
    const images = await smallImages(5);
    const model = await smallModel(await createBackend());
    const reference = await smallModel();
    const live = model.backend.memory.liveTensors;
    const store = await collectFeatures(model, images, { batchSize: 2 });
    expect(store.images).toBe(5);
    for (let depth = 0; depth <= config.depth; depth++) {
      const expected = await expectedFeatures(reference, images, depth);
      for (const batchSize of [1, 3, 8]) {
        const { shape, data } = await concatenated(store.at(depth).read(batchSize));
        expect(shape).toEqual([5, 17, config.width]);
        expect(data.every((value, i) => Math.abs(value - expected[i]!) < 1e-4)).toBe(true);
      }
    }
    await store.close();
    expect(model.backend.memory.liveTensors).toBe(live);
  });
});

describe('collectFeatures', () => {
  it('keeps only the requested depths, each once', async () => {
    const images = await smallImages(3);
    const model = await smallModel();
    const store = await collectFeatures(model, images, { batchSize: 2, depths: [2, 2] });
    expect((await concatenated(store.at(2).read(2))).data).toEqual(await expectedFeatures(model, images, 2));
    await expect(concatenated(store.at(1).read(2))).rejects.toMatchObject({ code: 'IO_FAILED' });
    await store.close();
  });

  it('reads from several places at once', async () => {
    const store = await collectFeatures(await smallModel(), await smallImages(4), { batchSize: 4 });
    const [a, b, again] = await Promise.all([1, 3, 1].map((depth) => concatenated(store.at(depth).read(1))));
    expect(a).toEqual(again);
    expect(a).not.toEqual(b);
    await store.close();
  });
});

describe('temporary files', () => {
  it('exist until the store is closed', async () => {
    const images = await smallImages(3);
    const folder = ownTemporaryFolder();
    const store = await collectFeatures(await smallModel(), images, { batchSize: 2 });
    expect(await spilledTo(folder)).toHaveLength(1 + config.depth + 1);
    await store.close();
    await store.close(); // harmless
    expect(await spilledTo(folder)).toEqual([]);
  });

  it('are deleted when an image is corrupt, when there is none, when the caller aborts, when the backend cannot run', async () => {
    const whole = await smallImages(5);
    const broken = await smallImages(5, { corrupt: 3 });
    const folder = ownTemporaryFolder();
    const model = await smallModel();
    await expect(collectFeatures(model, broken, { batchSize: 2 })).rejects.toMatchObject({
      code: 'DATA_INVALID',
    });
    expect(await spilledTo(folder)).toEqual([]);

    const nothing = imageSet('nothing', [], preprocessing);
    await expect(collectFeatures(model, nothing, { batchSize: 2 })).rejects.toMatchObject({
      code: 'DATA_INVALID',
    });
    expect(await spilledTo(folder)).toEqual([]);

    const controller = new AbortController();
    const seen: number[] = [];
    const onProgress = () => {
      seen.push(1);
      controller.abort();
    };
    const aborted = collectFeatures(model, whole, { batchSize: 2, signal: controller.signal, onProgress });
    await expect(aborted).rejects.toMatchObject({ code: 'ABORTED' });
    expect(seen).toEqual([1]);
    expect(await spilledTo(folder)).toEqual([]);

    const recorded = await smallModel(createOnnxRecorder());
    await expect(collectFeatures(recorded, whole, { batchSize: 2 })).rejects.toMatchObject({
      code: 'BACKEND_UNAVAILABLE',
    });
    expect(await spilledTo(folder)).toEqual([]);
  });

  it('that cannot be written or were truncated give IO_FAILED', async () => {
    const images = await smallImages(3);
    const model = await smallModel();
    const folder = ownTemporaryFolder();
    const store = await collectFeatures(model, images, { batchSize: 3 });
    const file = (await spilledTo(folder)).find((name) => name.endsWith('2.f32'))!;
    await truncate(join(folder, file), 1000);
    await expect(concatenated(store.at(2).read(3))).rejects.toMatchObject({ code: 'IO_FAILED' });
    expect((await concatenated(store.at(1).read(3))).shape[0]).toBe(3);
    await store.close();

    useTemporaryFolder(join(folder, 'absent'));
    await expect(collectFeatures(model, images, { batchSize: 3 })).rejects.toMatchObject({
      code: 'IO_FAILED',
    });
  });
});
