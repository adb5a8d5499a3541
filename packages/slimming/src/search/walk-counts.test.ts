/** Counts on the same images: sharing work does not change the figures. */

import { createOnnxBackend } from '@patchslim/backend-onnx';
import { blocksFor } from '@patchslim/slimming-schedules';
import { describe, expect, it } from 'vitest';
import { smallModel, smallTensors } from '../../test/small-model.js';
import { planOf } from '../../test/small-plan.js';
import { planOfCounts } from '../counted-plan.js';
import { meanDivergence } from '../compare/divergence.js';
import { predict } from '../evaluate.js';
import { methods, parseMethod } from '../methods/methods.js';
import { mean } from './search-counts.js';
import { openCountWalk } from './walk-counts.js';

const native = await smallModel(await createOnnxBackend({ threads: 1 }));
const images = smallTensors(11, 5);
const batchSize = 4;
const ward = parseMethod('ward');
/** Methods whose blocks depend only on their counts. */
const runTime = methods.filter(({ plan }) => !plan);
const candidates = [
  [17, 14, 9, 1],
  [17, 17, 11, 1],
  [17, 14, 12, 1],
  [12, 12, 8, 1],
  [17, 17, 17, 1],
  [17, 14, 9, 1],
];

const run = { batchSize, keepLogits: true };
const dense = await predict(native, images, run);

/** The same by whole forward passes, on the native backend. */
async function divergenceOf(counts: readonly number[], method = ward) {
  const plan = planOfCounts(native.config, counts, method.blockOf);
  const slimmed = await predict(native, images, { ...run, plan });
  return meanDivergence(slimmed.logits!, dense.logits!, native.config);
}

describe('openCountWalk', () => {
  it.each(runTime)('equals whole forward passes: $name', async (method) => {
    const walk = await openCountWalk(native, method.blockOf, images, { batchSize });
    const walked = (await walk.divergences(candidates)).map(mean);
    await walk.close();
    for (const [i, counts] of candidates.slice(0, 4).entries()) {
      expect(walked[i]).toBeCloseTo(await divergenceOf(counts, method), 6);
    }
    expect(walked[0]).toBe(walked[5]);
    expect(walked[4]).toBeCloseTo(0, 6);
    expect(new Set(walked.map((value) => value.toFixed(6))).size).toBe(5);
    expect(walk.images).toBe(11);
  });

  it('also on an eager backend', async () => {
    const model = await smallModel();
    const live = model.backend.memory.liveTensors;
    const walk = await openCountWalk(model, ward.blockOf, images, { batchSize });
    const [walked] = await walk.divergences([candidates[0]!]);
    expect(walked).toHaveLength(11);
    expect(mean(walked!)).toBeCloseTo(await divergenceOf(candidates[0]!), 6);
    await walk.close();
    expect(model.backend.memory.liveTensors).toBe(live);
  });

  it('uses only the first images on request', async () => {
    const walk = await openCountWalk(native, ward.blockOf, images, { batchSize });
    const some = await walk.divergences([candidates[0]!], 5); // two batches of four
    await walk.close();
    const eight = await openCountWalk(native, ward.blockOf, smallTensors(8, 5), { batchSize });
    const first = smallTensors(8, 5);
    const plan = await planOf(native, 'ward', `counts:${candidates[0]!.join()}`);
    const wanted = await predict(native, first, run);
    const slimmed = await predict(native, first, { ...run, plan: blocksFor(plan, native) });
    const [firstEight] = await eight.divergences([candidates[0]!]);
    expect(mean(firstEight!)).toBeCloseTo(meanDivergence(slimmed.logits!, wanted.logits!, native.config), 6);
    expect(some[0]).toEqual(firstEight);
    await eight.close();
  });
});
