/** Which recovery `auto` takes, and that it runs. */

import { createOnnxBackend } from '@patchslim/backend-onnx';
import { findStep, formatPlan, parsePlan } from '@patchslim/slimming-schedules';
import { float32 } from '@patchslim/tensor';
import { createReferenceBackend } from '@patchslim/tensor/reference';
import { createCheckpoint, densePlan, placeModel } from '@patchslim/vit-models';
import { describe, expect, it } from 'vitest';
import { reduceTo } from '../../test/reduce-to.js';
import { config, smallModel, smallTensors } from '../../test/small-model.js';
import { hostParams } from '../learn/host-params.js';
import { slim } from '../slim.js';
import { chooseRecovery, type RecoverySituation } from './auto.js';

const byImage = densePlan(config).with(1, reduceTo(9, 'ward'));
const byPosition = densePlan(config).with(1, { kind: 'keep', keep: [0, 1, 2, 3], keys: 'compact' });
const usual: RecoverySituation = { images: 800, divergence: 0.05, plan: byImage };

describe('chooseRecovery', () => {
  it.each<[string, Partial<RecoverySituation>, string | undefined, RegExp]>([
    ['a plan image by image', {}, 'distill:epochs=4,rate=0.001,learn=norms,features=1', /image by image/],
    ['many images', { images: 2000 }, 'distill:epochs=4,rate=0.0006,learn=norms,features=1', /together/],
    ['fixed positions', { plan: byPosition }, 'block:epochs=3,rate=0.0003', /same positions/],
    ['too few images', { images: 199 }, undefined, /^199 images are too few to learn from \(200\)$/],
    [
      'a plan that loses little',
      { divergence: 0.009 },
      undefined,
      /near the dense ones \(0\.0090, limit 0\.01\)/,
    ],
  ])('for %s', (_, changes, spec, reason) => {
    const { recovery, because } = chooseRecovery({ ...usual, ...changes });
    expect(recovery?.spec).toBe(spec);
    expect(because).toMatch(reason);
  });
});

/** The small model with larger logits, so that merging changes its classes. */
async function confidentModel() {
  const { params, ...checkpoint } = await smallModel(createReferenceBackend());
  const { head, ...rest } = await hostParams(params);
  const weight = float32(head!.weight.shape, head!.weight.data.map((value) => 8 * value)); // prettier-ignore
  const louder = await createCheckpoint({
    ...checkpoint,
    params: { ...rest, head: { ...head!, weight } },
    source: 'test',
  });
  return placeModel(await createOnnxBackend({ threads: 1 }), louder);
}

describe('slim with recover: auto', () => {
  const run = async (count: number) => {
    const model = await confidentModel();
    const options = {
      method: 'ward',
      schedule: 'counts:9,5,3,1',
      recover: 'auto',
      batchSize: 8,
      calibrate: count,
    };
    const { plan, adapted } = await slim(model, smallTensors(count), options);
    expect(parsePlan(formatPlan(plan))).toEqual(plan);
    return {
      step: findStep(plan.provenance, 'recovered')!,
      unchanged: adapted!.fingerprint === model.fingerprint,
    };
  };

  it('adapts the weights, and the plan has the choice with its reason', async () => {
    const { step, unchanged } = await run(240);
    expect(step).toMatchObject({
      recovery: 'auto',
      chosen: { recovery: 'distill:epochs=4,rate=0.001,learn=norms,features=1' },
    });
    expect(step.after).toBeLessThan(step.before);
    expect(unchanged).toBe(false);
  });

  it('leaves the weights when there is too little to learn from', async () => {
    const { step, unchanged } = await run(40);
    expect(step).toMatchObject({
      recovery: 'auto',
      chosen: { recovery: 'none', because: '35 images are too few to learn from (200)' },
    });
    expect(step.after).toBe(step.before);
    expect(unchanged).toBe(true);
  });
});
