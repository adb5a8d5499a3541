/** The same pipeline on WebGPU in Node, and leak tests. */

import { createWebGpuNodeBackend } from '@patchslim/backend-tfjs/webgpu-node';
import { createReferenceBackend } from '@patchslim/tensor/reference';
import { describeOnGpu } from '@patchslim/testing';
import { it } from 'vitest';
import { smallCheckpoint, smallTensors } from '../small-model.js';
import { expectSameResult } from './compare.js';
import { compareAfterEvaluations } from './evaluations.js';
import { expectSteadyProcess } from './process-memory.js';
import { fewOnGpu, repeats } from './repeats.js';
import { runPipeline, settings } from './run-pipeline.js';
import { compareAfterTraining } from './training.js';

describeOnGpu('pipeline on tfjs webgpu through Dawn', () => {
  it.each(fewOnGpu(settings, true))('with $schedule', async (setting) => {
    const [checkpoint, images] = [await smallCheckpoint(), smallTensors(5)];
    const wanted = await runPipeline(createReferenceBackend(), checkpoint, images, setting);
    const backend = await createWebGpuNodeBackend();
    expectSameResult(await runPipeline(backend, checkpoint, images, setting), wanted);
    await backend.close();
  });

  it.each([
    [`${repeats.evaluations} evaluations`, compareAfterEvaluations],
    [`${repeats.steps} training steps`, compareAfterTraining],
  ])('after %s uses as much memory as after 5', async (_, compare) => {
    const backend = await createWebGpuNodeBackend();
    await expectSteadyProcess(backend, compare);
    await backend.close();
  });
});
