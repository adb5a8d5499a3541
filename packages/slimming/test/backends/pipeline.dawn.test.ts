/** The same pipeline on WebGPU in Node, and leak tests. */

import { createWebGpuNodeBackend } from '@patchslim/backend-tfjs/webgpu-node';
import { createReferenceBackend } from '@patchslim/tensor/reference';
import { describeOnGpu } from '@patchslim/testing';
import { fewOnGpu, nightly } from '@patchslim/testing/by-day';
import { expect, it } from 'vitest';
import { familyPlans, logitsOf } from '../dynamic-plans.js';
import { expectSameResult, largestDifference, logitTolerance } from './compare.js';
import { compareAfterEvaluations } from './evaluations.js';
import { expectSteadyProcess } from './process-memory.js';
import { repeats } from './repeats.js';
import { runPipeline, settings } from './run-pipeline.js';
import { compareAfterTraining } from './training.js';

describeOnGpu('pipeline on tfjs webgpu through Dawn', () => {
  it.each(fewOnGpu(settings, true))('of $network.name with $schedule', async (setting) => {
    const wanted = await runPipeline(createReferenceBackend(), setting);
    const backend = await createWebGpuNodeBackend();
    expectSameResult(await runPipeline(backend, setting), wanted);
    await backend.close();
  });

  // By day one of these runs in Chromium.
  it.each(nightly ? familyPlans : [])(
    '$config.name under a plan that merges and picks',
    async ({ config, plan }) => {
      const wanted = await logitsOf(createReferenceBackend(), plan, config);
      const backend = await createWebGpuNodeBackend();
      const { data } = await logitsOf(backend, plan, config);
      expect(largestDifference(data, wanted.data)).toBeLessThan(logitTolerance);
      await backend.close();
    },
  );

  // By day backend-tfjs holds the same kernels to it.
  if (nightly) {
    it.each([
      [`${repeats.evaluations} evaluations`, compareAfterEvaluations],
      [`${repeats.steps} training steps`, compareAfterTraining],
    ])('after %s uses as much memory as after 5', async (_, compare) => {
      const backend = await createWebGpuNodeBackend();
      await expectSteadyProcess(backend, compare);
      await backend.close();
    });
  }
});
