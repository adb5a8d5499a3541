/** An inspected image against the pipeline: logits, rows and scores. */

import { createOnnxBackend } from '@patchslim/backend-onnx';
import { findScore } from '@patchslim/importance-estimators';
import { createReferenceBackend } from '@patchslim/tensor/reference';
import type { BlockPlan } from '@patchslim/vit-models';
import { describe, expect, it } from 'vitest';
import { dynamicPlans } from '../test/dynamic-plans.js';
import { config, smallModel, smallTensors } from '../test/small-model.js';
import { predict } from './evaluate.js';
import { createInspector } from './inspector.js';
import { keptTokens } from './kept-tokens.js';
import { scoreImages } from './score-images.js';

const fixed: readonly BlockPlan[] = [
  { kind: 'keep', keep: [0, 2, 5, 7, 11, 16], keys: 'compact' },
  { kind: 'dense' },
  { kind: 'keep', keep: [0, 5, 16], keys: 'compact' },
  { kind: 'keep', keep: [0], keys: 'compact' },
];
const plans = [['of fixed positions', fixed] as const, ...dynamicPlans];
const images = smallTensors(3);

describe.each([
  ['reference', () => Promise.resolve(createReferenceBackend())],
  ['native ONNX Runtime', () => createOnnxBackend()],
])('an inspector on %s', (_, open) => {
  it.each(plans)('agrees with evaluation and drawing for a plan %s', async (_, plan) => {
    const model = await smallModel(await open());
    const live = model.backend.memory.liveTensors;
    const kept = await keptTokens(model, images, { plan, batchSize: 2 });
    const [dense, slimmed] = [
      await predict(model, images, { batchSize: 2, keepLogits: true }),
      await predict(model, images, { plan, batchSize: 2, keepLogits: true }),
    ];
    const inspector = await createInspector(model, plan);
    let image = 0;
    for await (const { images: pixels } of images.batches(1)) {
      const seen = await inspector.inspect(pixels);
      const row = [image * config.classes, (image + 1) * config.classes] as const;
      expect(seen.kept).toEqual(kept[image]);
      expect([...seen.dense]).toEqual(near(dense.logits!.subarray(...row)));
      expect([...seen.slimmed]).toEqual(near(slimmed.logits!.subarray(...row)));
      image++;
    }
    expect(image).toBe(3);
    await inspector.dispose();
    expect(model.backend.memory.liveTensors).toBe(live);
    await model.backend.close();
  });

  it('shows the attention of the class token in every dense block', async () => {
    const model = await smallModel(await open());
    const one = smallTensors(1);
    const wanted = await scoreImages(model, one, {
      ...{ score: findScore('class-attention'), seed: 0, batchSize: 1 },
    });
    const inspector = await createInspector(model, fixed);
    for await (const { images: pixels } of one.batches(1)) {
      const { scores } = await inspector.inspect(pixels);
      expect(scores).toHaveLength(config.depth);
      for (const [block, values] of wanted.entries()) expect([...scores[block]!]).toEqual(near(values));
      for (const values of scores) expect(values.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 5);
    }
    await inspector.dispose();
    await expect(inspector.inspect({ shape: [1, 3, 16, 16], dtype: 'float32', data: new Float32Array(768) })).rejects.toMatchObject({ code: 'DISPOSED' }); // prettier-ignore
    await model.backend.close();
  });
});

it('refuses a plan of another model', async () => {
  const model = await smallModel();
  await expect(createInspector(model, fixed.slice(1))).rejects.toMatchObject({ code: 'PLAN_INVALID' });
});

const near = (values: ArrayLike<number>): unknown[] =>
  Array.from(values, (value) => expect.closeTo(value, 4) as unknown);
