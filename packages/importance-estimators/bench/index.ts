/**
 * Cost of scoring: forward pass and scores of all blocks in one program, as in calibration, relative to the dense
 * forward pass. DeiT-Tiny with random weights on ONNX Runtime (CPU), batch 8, in alternating rounds.
 */

import { createOnnxBackend } from '@patchslim/backend-onnx';
import { createRandom, disposeAll, float32, sizeOf, type Program, type Shape } from '@patchslim/tensor';
import { compareRuns } from '@patchslim/testing';
import {
  embed,
  forward,
  losslessPlan,
  mapParams,
  paramShapes,
  runBlocks,
  vitConfig,
} from '@patchslim/vit-models';
import { staticScores } from '../src/index.js';

const config = vitConfig('deit-tiny');
const batch = 8;

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
const images = noise([batch, 3, config.imageSize, config.imageSize]);
const inputs = { images: { shape: images.shape, dtype: 'float32' } } as const;

const dense = await backend.compile((input) => ({ logits: forward(model, input.images).logits }), inputs);
const scoring = await Promise.all(
  staticScores.map((score) =>
    backend.compile((input) => {
      const range = { plan: losslessPlan(config), capture: score.needs };
      const { captures } = runBlocks(model, embed(model, input.images), range);
      const scores = score.score(captures, { config, seed: 0 }).slice(0, -1);
      return Object.fromEntries(scores.map((tensor, block) => [`block${block}`, tensor]));
    }, inputs),
  ),
);

const side = (name: string, program: Program<'images'>) => ({
  name,
  run: async () => disposeAll({ ...(await program.run({ images })) }),
});
await compareRuns(`${config.name}, batch ${batch}: forward pass and scores`, [
  side('dense forward', dense),
  ...staticScores.map(({ name }, i) => side(name, scoring[i]!)),
]);

await Promise.all([dense, ...scoring].map((program) => program.dispose()));
await backend.close();
