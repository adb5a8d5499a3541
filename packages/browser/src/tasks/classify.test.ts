/** Classes of one image, by the head of the model. The tasks also work without a worker, and in Node. */

import { createRandom, float32, sizeOf } from '@patchslim/tensor';
import { canonicalShapes, writeSafetensors, type VitConfig } from '@patchslim/vit-models';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { createTasks } from '../create-tasks.js';

const config: VitConfig = {
  ...{ name: 'tiny', imageSize: 16, patchSize: 8, width: 8, depth: 1, heads: 1, mlpWidth: 8 },
  ...{ classes: 3, distilled: false, layerNormEps: 1e-6 },
};
const image = {
  data: Uint8Array.from({ length: 16 * 16 * 3 }, (_, i) => (i * 37) % 256),
  width: 16,
  height: 16,
};

/** The files of a folder, as a page gets them. */
async function filesOf(problem: object): Promise<File[]> {
  const folder = await mkdtemp(join(tmpdir(), 'patchslim-classify-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const random = createRandom(4);
  const tensors = [...canonicalShapes(config)].map(
    ([name, shape]) =>
      [
        name,
        float32(
          shape,
          Float32Array.from({ length: sizeOf(shape) }, () => random() - 0.5),
        ),
      ] as const,
  );
  await writeSafetensors(join(folder, 'model.safetensors'), new Map(tensors));
  const weights = new File(
    [new Uint8Array(await readFile(join(folder, 'model.safetensors')))],
    'model.safetensors',
  );
  const json = JSON.stringify({
    num_attention_heads: 1,
    id2label: { 0: 'ant', 1: 'bee', 2: 'cat' },
    ...problem,
  });
  return [weights, new File([json], 'config.json')];
}

it('are a softmax, or a sigmoid for each where an image may have several', async () => {
  const tasks = createTasks();
  const probabilities = async (problem: object, threshold?: number) => {
    await tasks.open({ backends: ['reference'], model: await filesOf(problem) }, {});
    const guesses = await tasks.classify({ image, threshold }, {});
    return new Map(guesses.map(({ label, probability }) => [label, probability]));
  };
  const exclusive = await probabilities({});
  const sum = (values: Iterable<number>) => [...values].reduce((a, b) => a + b, 0);
  expect(sum(exclusive.values())).toBeCloseTo(1, 6);

  const several = await probabilities({ problem_type: 'multi_label_classification' });
  expect([...several.keys()]).toEqual([...exclusive.keys()]);
  // The logits are the same: log p − log (1 − p) of the one differs from log p of the other by one number.
  const logit = (p: number) => Math.log(p / (1 - p));
  const offsets = [...several].map(([label, p]) => logit(p) - Math.log(exclusive.get(label)!));
  for (const offset of offsets) expect(offset).toBeCloseTo(offsets[0]!, 5);
  const [largest] = several.values();
  const above = await probabilities({ problem_type: 'multi_label_classification' }, largest);
  expect(above.size).toBe(1);
});
