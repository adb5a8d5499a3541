/** Gradients of plans that choose tokens per image: every backend gives the loss and the gradients of the reference. */

import { runOnHost, tensorsIn, valueAndGrad, type Backend, type HostTensor } from '@patchslim/tensor';
import { createReferenceBackend } from '@patchslim/tensor/reference';
import type { BlockPlan } from '@patchslim/vit-models';
import { beforeAll, describe, expect, it } from 'vitest';
import { objectiveLoss } from '../src/learn/objective.js';
import { backendsInTurn } from './backends/node-backends.js';
import { largestDifference } from './backends/compare.js';
import { dynamicPlans, fourImages } from './dynamic-plans.js';
import { smallModel } from './small-model.js';

const objective = { labels: 0, logits: 1, features: 1, smoothing: 0 };
/** Share of the largest value of the same gradient. */
const tolerance = 2e-3;

/** Loss, then the gradient of every parameter. */
async function learnedOn(backend: Backend, plan: readonly BlockPlan[]): Promise<HostTensor[]> {
  const [model, images] = [await smallModel(backend), await fourImages()];
  const leaves = tensorsIn(model.params);
  const program = await backend.compile(
    (inputs) => {
      const { value, grads } = valueAndGrad(backend, leaves, () =>
        objectiveLoss(model, plan, model, { images: inputs.images }, objective),
      );
      return Object.fromEntries([value, ...grads].map((tensor, i) => [`out${i}`, tensor]));
    },
    { images: { shape: images.shape, dtype: 'float32' } },
  );
  const outputs = await runOnHost(backend, program, { images });
  await program.dispose();
  expect(backend.memory.liveTensors).toBe(leaves.length);
  return Array.from({ length: leaves.length + 1 }, (_, i) => outputs[`out${i}`]!);
}

describe.each(dynamicPlans.map(([name, plan], index) => [name, plan, backendsInTurn(index)] as const))(
  'a plan %s',
  (_, plan, backends) => {
    let wanted: HostTensor[];
    beforeAll(async () => {
      wanted = await learnedOn(createReferenceBackend(), plan);
      expect(wanted[0]!.data[0]).toBeGreaterThan(1e-3);
    });

    it.each(backends)('has the same gradients on %s', async (_name, open) => {
      const backend = await open();
      const got = await learnedOn(backend, plan);
      const largest = (values: ArrayLike<number>) =>
        Array.from(values).reduce((a, b) => Math.max(a, Math.abs(b)), 0);
      const overall = Math.max(...wanted.map(({ data }) => largest(data)));
      for (const [i, { data }] of wanted.entries()) {
        const scale = Math.max(largest(data), 1e-3 * overall); // some are zero, such as those of key biases
        expect(largestDifference(got[i]!.data, data) / scale, `tensor ${i}`).toBeLessThan(tolerance);
      }
      await backend.close();
    });
  },
);
