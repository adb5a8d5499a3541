/**
 * The pipeline on one backend: a small network is slimmed, evaluated and exported. The float64 reference backend does the same, and
 * both must give the same plan and the same logits.
 */

import { rm, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import { exportOnnx, type VitModel } from 'patchslim';
import { slim } from '@patchslim/slimming';
import { blocksFor } from '@patchslim/slimming-schedules';
import { runOnHost, withPrograms, type Backend, type HostTensor } from '@patchslim/tensor';
import { createReferenceBackend } from '@patchslim/tensor/reference';
import { disposeModel, forward, placeModel, type BlockPlan } from '@patchslim/vit-models';
import { smallCheckpoint, smallImages } from '../networks.js';

/** Largest difference of logits: as in the pipeline test of this repository. */
export const logitTolerance = 2e-3;

export async function pipeline(backend: Backend, methods: readonly string[]) {
  const results = [];
  for (const method of methods) {
    const wanted = await runPipeline(createReferenceBackend(), method);
    const got = await runPipeline(backend, method);
    results.push({
      method,
      samePlan: got.plan === wanted.plan,
      dense: largestDifference(got.dense, wanted.dense),
      slimmed: largestDifference(got.slimmed, wanted.slimmed),
      exported: largestDifference(got.exported, wanted.slimmed),
      leaked: got.leaked,
    });
  }
  const problems = results.flatMap(({ method, samePlan, dense, slimmed, exported, leaked }) => {
    if (!samePlan) return [`${method}: another plan than the reference's`];
    if (leaked !== 0) return [`${method}: ${leaked} tensors are left`];
    const worst = Math.max(dense, slimmed, exported);
    return worst < logitTolerance ? [] : [`${method}: logits differ by ${worst}`];
  });
  return { methods: results, tolerance: logitTolerance, problems };
}

async function runPipeline(backend: Backend, method: string) {
  const before = backend.memory.liveTensors;
  const model = placeModel(backend, await smallCheckpoint());
  const images = smallImages(8);
  const { plan, model: slimmedModel } = await slim(model, images, {
    method,
    schedule: 'keep-ratio:0.7@2',
    calibrate: 4,
    batchSize: 4,
    seed: 0,
  });
  const blocks = blocksFor(plan, model);
  let pixels: HostTensor | undefined;
  for await (const batch of images.batches(4)) pixels ??= batch.images;
  const dense = await logits(model, pixels!);
  const slimmed = await logits(model, pixels!, blocks);
  const exported = await withFile(async (file) => {
    await exportOnnx(slimmedModel, file, { batch: 4 });
    return runFile(file, pixels!);
  });
  await slimmedModel.close();
  disposeModel(model);
  return {
    plan: JSON.stringify(plan.blocks),
    dense,
    slimmed,
    exported,
    leaked: backend.memory.liveTensors - before,
  };
}

function logits(model: VitModel, pixels: HostTensor, plan?: readonly BlockPlan[]): Promise<number[]> {
  return withPrograms(async (own) => {
    const program = own(
      await model.backend.compile(({ pixels }) => ({ logits: forward(model, pixels, { plan }).logits }), {
        pixels,
      }),
    );
    return [...(await runOnHost(model.backend, program, { pixels })).logits.data];
  });
}

/** The exported file under ONNX Runtime itself, on the CPU. */
async function runFile(file: string, { data, shape }: HostTensor): Promise<number[]> {
  const session = await ort.InferenceSession.create(file, { intraOpNumThreads: 1 });
  const outputs = await session.run({ images: new ort.Tensor('float32', data as Float32Array, shape) });
  await session.release();
  return [...(outputs['logits']!.data as Float32Array)];
}

async function withFile<T>(use: (file: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'patchslim-cuda-kit-'));
  try {
    return await use(join(folder, 'model.onnx'));
  } finally {
    await rm(folder, { recursive: true });
  }
}

export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) throw new Error(`${a.length} values, where the other has ${b.length}`);
  return Array.from(a).reduce((worst, value, i) => Math.max(worst, Math.abs(value - b[i]!)), 0);
}
