/** The same pipeline in Chromium, on every backend that runs there, and leak tests. */

import { createReferenceBackend } from '@patchslim/tensor/reference';
import { describe, expect, it } from 'vitest';
import { browserBackends, isGpu } from './browser-backends.js';
import { expectSameResult } from './compare.js';
import { compareAfterEvaluations } from './evaluations.js';
import { nightly } from '@patchslim/testing/by-day';
import { repeats } from './repeats.js';
import { runPipeline, settings } from './run-pipeline.js';
import { compareAfterTraining } from './training.js';

/**
 * By day no software GPU runs here, which takes half a minute for each test: `pipeline.dawn.test.ts` runs tfjs's kernels for
 * WebGPU in Node, `dynamic-plans.browser.test.ts` ONNX Runtime's, and their packages hold single operations to it.
 */
const running = nightly ? browserBackends : browserBackends.filter(([name]) => !isGpu(name));

describe.each(running)('pipeline on %s in Chromium', (_name, open) => {
  it.each(settings)('of $network.name with $schedule', { timeout: 600_000 }, async (setting) => {
    const wanted = await runPipeline(createReferenceBackend(), setting);
    const backend = await open();
    expectSameResult(await runPipeline(backend, setting), wanted);
    await backend.close();
  });
});

/** Bytes of JavaScript and DOM of this page, including workers and WebAssembly. */
async function pageBytes(): Promise<number> {
  const { bytes } = await (
    performance as unknown as { measureUserAgentSpecificMemory(): Promise<{ bytes: number }> }
  ).measureUserAgentSpecificMemory();
  return bytes;
}

/** Only Chromium tells. */
const measurable = 'measureUserAgentSpecificMemory' in performance;

describe.runIf(measurable).each([
  [`${repeats.evaluations} evaluations`, compareAfterEvaluations],
  [`${repeats.steps} training steps`, compareAfterTraining],
])('after %s a page uses as much memory as after 5', (_, compare) => {
  it.each(running)('on %s', { timeout: 600_000 }, async (_, open) => {
    const backend = await open();
    const measure = async () => ({ bytes: await pageBytes(), tensors: backend.memory.liveTensors });
    const { early, late } = await compare(backend, measure);
    expect(late.tensors).toBe(early.tensors);
    expect((late.bytes - early.bytes) / 2 ** 20).toBeLessThan(8);
    await backend.close();
  });
});
