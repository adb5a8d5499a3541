/** A plan names as many images as it was made with: files that were left out are none of them. */

import { imageSet } from '@patchslim/datasets';
import { findScore } from '@patchslim/importance-estimators';
import { parseSchedule } from '@patchslim/slimming-schedules';
import { expect, it } from 'vitest';
import { imageFiles } from '../test/image-files.js';
import { preprocessing, smallModel, smallTensors } from '../test/small-model.js';
import { slimOptions } from '../test/slim-options.js';
import {
  findRuntimeMethod,
  leastSquares,
  recoverPlan,
  singleBlockCurves,
  slim,
  slimDynamic,
  slimToBudget,
} from './index.js';

const options = { schedule: parseSchedule('budget:0.8'), seed: 0, batchSize: 4 };

it('counts no file that cannot be decoded', async () => {
  const model = await smallModel();
  const files = await imageFiles(7, { corrupt: 2 });
  const images = () => imageSet('photos', files, preprocessing, { corrupt: 'skip' });
  const { plan } = await slim(model, images(), slimOptions('counts:17,9,4,1'));
  expect(plan.provenance.images).toBe(6);
  expect((await slimDynamic(model, images(), options)).plan.provenance.images).toBe(6);
  const budget = await slimToBudget(model, findRuntimeMethod('ward'), images(), smallTensors(4), {
    ...options,
    rounds: 1,
  });
  expect(budget.provenance.images).toBe(6);
  const context = { recovery: [leastSquares()], images: images(), heldBack: smallTensors(4) };
  const recovered = await recoverPlan(model, plan, { ...context, ...options });
  expect(recovered.plan.provenance.recovery!.images).toBe(6);
  const curves = await singleBlockCurves(model, images(), smallTensors(4), {
    ...{ blocks: [1], rates: [0.5], estimators: [findScore('impact')], seed: 0, batchSize: 4 },
  });
  expect(curves.calibrationImages).toBe(6);
});
