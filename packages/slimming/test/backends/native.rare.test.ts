/** The pipeline, memory and DeiT-Tiny on libtensorflow in Node. The native part must be there: `patchslim setup`. */

import { createOnnxBackend } from '@patchslim/backend-onnx';
import { createNodeBackend } from '@patchslim/backend-tfjs/node';
import { createNodeGpuBackend } from '@patchslim/backend-tfjs/node-gpu';
import { createReferenceBackend } from '@patchslim/tensor/reference';
import { requireRealData } from '@patchslim/testing';
import { describe, expect, it } from 'vitest';
import { expectSameResult } from './compare.js';
import { compareAfterEvaluations } from './evaluations.js';
import { expectSteadyProcess } from './process-memory.js';
import { expectSameRealResult, openRealInputs, realResultOn } from './real-result.js';
import { runPipeline, settings } from './run-pipeline.js';
import { compareAfterTraining } from './training.js';

const onGpu = process.env['PATCHSLIM_TFJS_BACKEND'] === 'tfjs-node-gpu';
const open = onGpu ? createNodeGpuBackend : createNodeBackend;

declare module 'vitest' {
  interface TaskMeta {
    /** Percent. */
    top1?: number;
  }
}

describe.each(settings)('the pipeline of $network.name with $schedule', (setting) => {
  it('gives the plan and the logits of the reference', async () => {
    const backend = await open();
    expectSameResult(
      await runPipeline(backend, setting),
      await runPipeline(createReferenceBackend(), setting),
    );
    await backend.close();
  });
});

it.each([
  ['evaluations', compareAfterEvaluations],
  ['training steps', compareAfterTraining],
])('takes no more memory after many %s', async (_, compare) => {
  const backend = await open();
  await expectSteadyProcess(backend, compare);
  await backend.close();
});

it('reaches the top-1 of ONNX Runtime on 100 images with DeiT-Tiny, and gives its plan', async (context) => {
  const inputs = await openRealInputs(requireRealData(context), 100);
  const native = await realResultOn(await createOnnxBackend(), inputs);
  expect(native.top1).toBeGreaterThan(60);
  context.task.meta.top1 = native.top1; // for the page of backends
  expectSameRealResult(await realResultOn(await open(), inputs), native);
}, 900_000);
