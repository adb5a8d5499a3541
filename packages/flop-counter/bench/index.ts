/** Counting DeiT-Tiny's forward pass relative to recording it as an ONNX graph, in alternating rounds. */

import { createOnnxRecorder } from '@patchslim/backend-onnx';
import { float32, sizeOf } from '@patchslim/tensor';
import { forward, mapParams, paramShapes, vitConfig } from '@patchslim/vit-models';
import { countForward, vitMacs } from '../src/index.js';

const config = vitConfig('deit-tiny');
const rounds = 25;

const recorder = createOnnxRecorder();
const params = mapParams(paramShapes(config), (shape) =>
  recorder.constant(float32(shape, new Float32Array(sizeOf(shape)))),
);
const images = { shape: [1, 3, config.imageSize, config.imageSize], dtype: 'float32' } as const;

const work = {
  recording: () =>
    recorder.record((input) => ({ logits: forward({ config, params }, input.images).logits }), { images }),
  countForward: () => countForward(config),
  vitMacs: () => vitMacs(config),
};
const names = Object.keys(work) as (keyof typeof work)[];

/** Milliseconds of one call. */
function time(call: () => unknown): number {
  const start = performance.now();
  call();
  return performance.now() - start;
}

function summary(values: readonly number[], digits = 2): string {
  const sorted = [...values].sort((a, b) => a - b);
  const [least, median, most] = [sorted[0]!, sorted[sorted.length >> 1]!, sorted.at(-1)!];
  return `${median.toFixed(digits)} (${least.toFixed(digits)}–${most.toFixed(digits)})`;
}

const times = new Map<string, number[]>(names.map((name) => [name, []]));
for (let round = -5; round < rounds; round++) {
  for (const name of names) {
    const elapsed = time(work[name]);
    if (round >= 0) times.get(name)!.push(elapsed); // the first rounds warm the compiler
  }
}

const base = times.get('recording')!;
console.log(`${config.name}, ${rounds} rounds: median (min–max)`);
console.log(`recording     ${summary(base)} ms`);
for (const name of names.slice(1)) {
  console.log(
    `${name.padEnd(12)}  ${summary(
      times.get(name)!.map((each, i) => each / base[i]!),
      3,
    )} × recording`,
  );
}
