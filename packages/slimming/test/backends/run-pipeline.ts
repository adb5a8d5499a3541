/**
 * The whole pipeline on one backend: calibrate, score, plan, slimmed evaluation, export. Runs unchanged in Node and
 * in a browser. Tests compare the result with the reference backend.
 */

import { createOnnxRecorder, encodeModel, joinChunks } from '@patchslim/backend-onnx';
import type { ImageSet } from '@patchslim/datasets';
import { findScore } from '@patchslim/importance-estimators';
import { blocksFor, type Scores } from '@patchslim/slimming-schedules';
import type { PlanBlock } from '@patchslim/token-reducers';
import { runOnHost, type Backend } from '@patchslim/tensor';
import {
  disposeModel,
  forward,
  placeModel,
  type BlockPlan,
  type Checkpoint,
  type VitConfig,
  type VitModel,
} from '@patchslim/vit-models';
import { evaluate, patchSlimming, slim } from '../../src/index.js';
import { scoreImages } from '../../src/score-images.js';
import { dinov3, siglip } from '../family-networks.js';
import { checkpointFor, config as small, imagesFor } from '../small-model.js';

/** Fixed positions scored in one pass, and the paper's search with deeper blocks already slimmed. */
export const settings = [
  { network: small, schedule: 'counts:17,12,6,1', deeperBlocks: 'dense', keys: 'compact' },
  {
    network: small,
    schedule: 'top-down:tolerance=0.02,granularity=4,norm=relative',
    deeperBlocks: 'slimmed',
    keys: 'all',
  },
  { network: dinov3, schedule: 'counts:7,3', deeperBlocks: 'dense', keys: 'compact' },
  { network: siglip, schedule: 'counts:6,4', deeperBlocks: 'slimmed', keys: 'all' },
] as const;
export type Setting = (typeof settings)[number];

export interface PipelineResult {
  /** Mean scores of all blocks except the last, with dense deeper blocks. */
  readonly scores: readonly Scores[];
  readonly blocks: readonly PlanBlock[];
  /** Logits of the first images, image after image. */
  readonly dense: readonly number[];
  readonly slimmed: readonly number[];
  /** Percent, under the plan. */
  readonly top1: number;
  /** The slimmed model as an ONNX file. */
  readonly onnx: Uint8Array;
  /** Number of leaked tensors. */
  readonly leaked: number;
}

export async function runPipeline(
  backend: Backend,
  { network, schedule, deeperBlocks, keys }: Setting,
): Promise<PipelineResult> {
  const checkpoint = await checkpointFor(network);
  const images = pipelineImages(network);
  const live = backend.memory.liveTensors;
  const model = placeModel(backend, checkpoint);
  const score = findScore('impact');
  const options = { seed: 0, batchSize: 4 };
  const scores = await scoreImages(model, images, { ...options, score });
  const method = patchSlimming({ score, deeperBlocks, keys });
  const { plan } = await slim(model, images, { ...options, method, schedule, calibrate: images.count });
  const blocks = blocksFor(plan, model);
  const { top1 } = await evaluate(model, images, { plan: blocks, batchSize: 4 });
  const result = {
    scores,
    blocks: plan.blocks,
    dense: await logits(model, images),
    slimmed: await logits(model, images, blocks),
    top1: top1!,
    onnx: exported(checkpoint, blocks),
  };
  disposeModel(model);
  return { ...result, leaked: backend.memory.liveTensors - live };
}

/** The images of a setting. */
export const pipelineImages = (network: VitConfig): ImageSet => imagesFor(network, 5);

/** Of the first batch. */
async function logits(model: VitModel, images: ImageSet, plan?: readonly BlockPlan[]): Promise<number[]> {
  for await (const { images: pixels } of images.batches(4)) {
    const program = await model.backend.compile(
      ({ pixels }) => ({ logits: forward(model, pixels, { plan }).logits }),
      { pixels },
    );
    const { logits } = await runOnHost(model.backend, program, { pixels });
    await program.dispose();
    return [...logits.data];
  }
  return [];
}

/** The deployed file does not depend on the backend that made the plan. */
function exported(checkpoint: Checkpoint, plan: readonly BlockPlan[]): Uint8Array {
  const recorder = createOnnxRecorder();
  const model = placeModel(recorder, checkpoint);
  const { imageSize } = model.config;
  const graph = recorder.record(({ images }) => ({ logits: forward(model, images, { plan }).logits }), {
    images: { shape: [1, 3, imageSize, imageSize], dtype: 'float32' },
  });
  return joinChunks(encodeModel(graph).model);
}
