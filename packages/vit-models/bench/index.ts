/**
 * What a plan saves in time: the counts of the paper's Fig. 5 with compact keys, and the lossless plan, relative to the
 * dense forward pass. DeiT-Tiny with random weights on ONNX Runtime (CPU), in alternating rounds.
 */

import { createOnnxBackend } from '@patchslim/backend-onnx';
import { createRandom, float32, sizeOf, type Shape } from '@patchslim/tensor';
import { compareRuns } from '@patchslim/testing';
import {
  densePlan,
  forward,
  losslessPlan,
  mapParams,
  paramShapes,
  vitConfig,
  type BlockPlan,
} from '../src/index.js';

const config = vitConfig('deit-tiny');

// Nested sets: the class token and the patches that come first in one scattered order.
const order = Array.from({ length: 196 }, (_, i) => 1 + ((37 * i) % 196));
const figure5 = [197, 197, 160, 153, 121, 101, 83, 63, 50, 25, 20, 1].map((count): BlockPlan => {
  return { kind: 'keep', keep: [0, ...order.slice(0, count - 1)].sort((a, b) => a - b), keys: 'compact' };
});
const plans = { dense: densePlan(config), lossless: losslessPlan(config), 'Fig. 5': figure5 };

const backend = await createOnnxBackend();
const random = createRandom(0);
const noise = (shape: Shape) =>
  backend.constant(
    float32(
      shape,
      Float32Array.from({ length: sizeOf(shape) }, () => 0.1 * (random() - 0.5)),
    ),
  );
const model = { config, params: mapParams(paramShapes(config), noise) };

for (const batch of [1, 8]) {
  const images = noise([batch, 3, config.imageSize, config.imageSize]);
  const sides = await Promise.all(
    Object.entries(plans).map(async ([name, plan]) => {
      const program = await backend.compile(
        (input) => ({ logits: forward(model, input.images, { plan }).logits }),
        { images: { shape: images.shape, dtype: 'float32' } },
      );
      return { name, program, run: async () => (await program.run({ images })).logits.dispose() };
    }),
  );
  await compareRuns(`${config.name}, batch ${batch}: time relative to dense`, sides, 21);
  for (const { program } of sides) await program.dispose();
}
await backend.close();
