/**
 * Overhead of `evaluate` over a bare onnxruntime-node session on the same graph. Both sides open a new session in
 * every round, outside the measured time.
 */

import { createOnnxRecorder, encodeModel, joinChunks } from '@patchslim/backend-onnx';
import { imageBatches, type ImageBatch } from '@patchslim/datasets';
import { forward, placeModel } from '@patchslim/vit-models';
import * as ort from 'onnxruntime-node';
import { predict } from '../src/index.js';
import { milliseconds, reportMeasurement, summarizeRatios, type RealData } from '@patchslim/testing';
import { batchSize, setUp, type Setup } from './setup.js';

const count = 128;
const rounds = 7;

export async function benchEvaluate(data: RealData): Promise<void> {
  const setup = await setUp(data, count);
  const graph = modelFile(setup);
  const decoded: ImageBatch[] = [];
  for await (const batch of setup.images.batches(batchSize)) decoded.push(batch);
  const inference: number[] = [];
  const endToEnd: number[] = [];
  for (let round = -1; round < rounds; round++) {
    const ratios = {
      inference: await inferenceRatio(setup, graph, decoded),
      endToEnd: await endToEndRatio(setup, graph),
    };
    if (round < 0) continue; // warms caches and compiler
    inference.push(ratios.inference);
    endToEnd.push(ratios.endToEnd);
  }
  reportMeasurement({
    title: `evaluate over bare onnxruntime-node, ${count} images`,
    rounds,
    spread: 'least–most',
    sides: [
      summarizeRatios('inference, images decoded before', inference),
      summarizeRatios('from files to classes', endToEnd),
    ],
  });
}

/** Both sides alternate batch by batch, so that other load on the machine affects both equally. */
async function inferenceRatio(
  { model }: Setup,
  graph: Uint8Array,
  decoded: readonly ImageBatch[],
): Promise<number> {
  const bare = await openBare(graph);
  let bareMs = 0;
  async function* takingTurns() {
    for (const batch of decoded) {
      bareMs += await milliseconds(() => bare.classify(batch));
      yield batch;
    }
  }
  const { inferMs } = await predict(model, { name: 'decoded', count, batches: takingTurns }, { batchSize });
  await bare.close();
  return inferMs / bareMs;
}

async function endToEndRatio({ model, images, examples }: Setup, graph: Uint8Array): Promise<number> {
  const { totalMs } = await predict(model, images, { batchSize });
  const bare = await openBare(graph);
  const classes: number[] = [];
  const bareMs = await milliseconds(async () => {
    for await (const batch of imageBatches(examples, model.preprocessing, { batchSize })) {
      classes.push(...(await bare.classify(batch)));
    }
  });
  await bare.close();
  if (classes.length !== count) throw new Error(`${classes.length} of ${count} images`);
  return totalMs / bareMs;
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

/** Typical code without this package. */
async function openBare(graph: Uint8Array) {
  const options = { extra: { session: { force_spinning_stop: '1' } } };
  const session = await ort.InferenceSession.create(graph, options);
  return {
    async classify({ images }: ImageBatch): Promise<number[]> {
      const feeds = { images: new ort.Tensor('float32', images.data, images.shape) };
      const logits = (await session.run(feeds))['logits']!.data as Float32Array;
      return Array.from({ length: images.shape[0]! }, (_, image) => {
        const row = logits.subarray(image * 1000, (image + 1) * 1000);
        return row.indexOf(row.reduce((a, b) => Math.max(a, b)));
      });
    },
    close: () => session.release(),
  };
}
