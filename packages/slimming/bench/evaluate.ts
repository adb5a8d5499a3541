/**
 * What `evaluate` adds to a bare onnxruntime-node session on the same graph. Both sides open their session anew in every
 * round, outside the time measured.
 */

import { createOnnxRecorder, encodeModel, joinChunks } from '@patchslim/backend-onnx';
import { imageBatches, type ImageBatch } from '@patchslim/datasets';
import { forward, placeModel } from '@patchslim/vit-models';
import * as ort from 'onnxruntime-node';
import { predict, type ImageSet } from '../src/index.js';
import type { SharedData } from '../test/shared-data.js';
import { batchSize, setUp, spread, timed, type Setup } from './setup.js';

const count = 128;
const rounds = 7;

export async function benchEvaluate(data: SharedData): Promise<void> {
  const setup = await setUp(data, count);
  const { model, images } = setup;
  const graph = modelFile(setup);
  const decoded: ImageBatch[] = [];
  for await (const batch of images.batches(batchSize)) decoded.push(batch);
  const inMemory: ImageSet = { name: 'decoded', count, batches: () => fromMemory(decoded) };
  const fromFiles = () => imageBatches(setup.examples, model.preprocessing, { batchSize });

  const inference: number[] = [];
  const endToEnd: number[] = [];
  for (let round = -1; round < rounds; round++) {
    const ours = {
      inference: (await predict(model, inMemory, { batchSize })).inferMs,
      endToEnd: (await predict(model, images, { batchSize })).totalMs,
    };
    const bare = {
      inference: await bareLoop(graph, () => fromMemory(decoded)),
      endToEnd: await bareLoop(graph, fromFiles),
    };
    if (round < 0) continue; // warms caches and compiler
    inference.push(ours.inference / bare.inference);
    endToEnd.push(ours.endToEnd / bare.endToEnd);
  }
  console.log(
    `evaluate over a bare onnxruntime-node loop, ${count} images, ${rounds} rounds: median (min–max)`,
  );
  console.log(`  inference, images decoded before   ${spread(inference)}`);
  console.log(`  from files to classes              ${spread(endToEnd)}`);
}

/** The graph that the backend runs, as a file in memory. */
function modelFile({ checkpoint }: Setup): Uint8Array {
  const recorder = createOnnxRecorder({ form: 'runtime' });
  const model = placeModel(recorder, checkpoint);
  const graph = recorder.record(({ images }) => ({ logits: forward(model, images).logits }), {
    images: { shape: [batchSize, 3, 224, 224], dtype: 'float32' },
  });
  return joinChunks(encodeModel(graph).model);
}

/** What people write without this package. */
async function bareLoop(graph: Uint8Array, batches: () => AsyncIterable<ImageBatch>): Promise<number> {
  const session = await ort.InferenceSession.create(graph, {
    extra: { session: { force_spinning_stop: '1' } },
  });
  const classes: number[] = [];
  const ms = await timed(async () => {
    for await (const { images } of batches()) {
      const feeds = { images: new ort.Tensor('float32', images.data, images.shape) };
      const logits = (await session.run(feeds))['logits']!.data as Float32Array;
      for (let first = 0; first < logits.length; first += 1000) {
        const row = logits.subarray(first, first + 1000);
        classes.push(row.indexOf(row.reduce((a, b) => Math.max(a, b))));
      }
    }
  });
  await session.release();
  if (classes.length !== count) throw new Error(`${classes.length} of ${count} images`);
  return ms;
}

async function* fromMemory(batches: readonly ImageBatch[]): AsyncGenerator<ImageBatch> {
  for (const batch of batches) yield await Promise.resolve(batch);
}
