/**
 * What scoring costs: forward pass and score of every block in one program, as in calibration, relative to the dense
 * forward pass. DeiT-Tiny with random weights on ONNX Runtime (CPU), batch 8, in alternating rounds.
 */

import { createOnnxBackend } from '@patchslim/backend-onnx';
import { createRandom, float32, sizeOf, type Program, type Shape } from '@patchslim/tensor';
import {
  embed,
  forward,
  losslessPlan,
  mapParams,
  paramShapes,
  runBlocks,
  vitConfig,
} from '@patchslim/vit-models';
import { estimators } from '../src/index.js';

const config = vitConfig('deit-tiny');
const batch = 8;
const rounds = 9;

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
  estimators.map((estimator) =>
    backend.compile((input) => {
      const range = { plan: losslessPlan(config), capture: estimator.needs };
      const { captures } = runBlocks(model, embed(model, input.images), range);
      const scores = estimator.score(captures, { config, seed: 0 }).slice(0, -1);
      return Object.fromEntries(scores.map((tensor, block) => [`block${block}`, tensor]));
    }, inputs),
  ),
);

/** Milliseconds of one run. */
async function time(program: Program<'images'>): Promise<number> {
  const start = performance.now();
  const outputs = await program.run({ images });
  const elapsed = performance.now() - start;
  for (const output of Object.values(outputs)) output.dispose();
  return elapsed;
}

function summary(values: readonly number[], digits = 2): string {
  const sorted = [...values].sort((a, b) => a - b);
  const [least, median, most] = [sorted[0]!, sorted[sorted.length >> 1]!, sorted.at(-1)!];
  return `${median.toFixed(digits)} (${least.toFixed(digits)}–${most.toFixed(digits)})`;
}

const base: number[] = [];
const ratios = estimators.map((): number[] => []);
for (let round = -1; round < rounds; round++) {
  const denseTime = await time(dense);
  const times: number[] = [];
  for (const program of scoring) times.push(await time(program));
  if (round < 0) continue; // the first run of a session allocates
  base.push(denseTime);
  for (const [i, elapsed] of times.entries()) ratios[i]!.push(elapsed / denseTime);
}

console.log(`${config.name}, batch ${batch}, ${rounds} rounds: median (min–max)`);
console.log(`dense forward       ${summary(base, 0)} ms`);
for (const [i, { name }] of estimators.entries()) {
  console.log(`${name.padEnd(18)}  ${summary(ratios[i]!)} × dense`);
}

await Promise.all([dense, ...scoring].map((program) => program.dispose()));
await backend.close();
