/**
 * What a plan saves in time: the counts of the paper's Fig. 5 with compact keys, and the lossless plan, relative to the
 * dense forward pass. DeiT-Tiny with random weights on ONNX Runtime (CPU), in alternating rounds.
 */

import { createOnnxBackend } from '@patchslim/backend-onnx';
import { createRandom, float32, sizeOf, type Program, type Shape } from '@patchslim/tensor';
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
const rounds = 21;

// Nested sets: the class token and the patches that come first in one scattered order.
const order = Array.from({ length: 196 }, (_, i) => 1 + ((37 * i) % 196));
const figure5 = [197, 197, 160, 153, 121, 101, 83, 63, 50, 25, 20, 1].map((count): BlockPlan => {
  return { kind: 'keep', keep: [0, ...order.slice(0, count - 1)].sort((a, b) => a - b), keys: 'compact' };
});
const plans = { dense: densePlan(config), lossless: losslessPlan(config), 'Fig. 5': figure5 };
const names = Object.keys(plans) as (keyof typeof plans)[];

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

function summary(values: readonly number[], digits = 2): string {
  const sorted = [...values].sort((a, b) => a - b);
  const [least, median, most] = [sorted[0]!, sorted[sorted.length >> 1]!, sorted.at(-1)!];
  return `${median.toFixed(digits)} (${least.toFixed(digits)}–${most.toFixed(digits)})`;
}

console.log(`${config.name}, ${rounds} rounds: median (min–max)`);
for (const batch of [1, 8]) {
  const images = noise([batch, 3, config.imageSize, config.imageSize]);
  const programs = new Map<string, Program<'images', 'logits'>>();
  for (const name of names) {
    const program = await backend.compile(
      (input) => ({ logits: forward(model, input.images, { plan: plans[name] }).logits }),
      { images: { shape: images.shape, dtype: 'float32' } },
    );
    programs.set(name, program);
  }
  const times = new Map<string, number[]>(names.map((name) => [name, []]));
  for (let round = -2; round < rounds; round++) {
    for (const [name, program] of programs) {
      const start = performance.now();
      const { logits } = await program.run({ images });
      if (round >= 0) times.get(name)!.push(performance.now() - start); // the first runs of a session allocate
      logits.dispose();
    }
  }
  const dense = times.get('dense')!;
  console.log(`batch ${batch}: dense     ${summary(dense, 1)} ms`);
  for (const name of names.slice(1)) {
    const ratios = times.get(name)!.map((each, i) => dense[i]! / each);
    console.log(`batch ${batch}: ${name.padEnd(8)}  ${summary(ratios)} × as fast as dense`);
  }
  await Promise.all([...programs.values()].map((program) => program.dispose()));
}
await backend.close();
