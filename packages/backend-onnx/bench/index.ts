/**
 * DeiT-Ti with random weights, as ratios of runs taken in turn: the runtime form against the portable one, and a
 * program against a bare ONNX Runtime session on the same bytes. Arguments: batch sizes (1 and 8 when left out).
 */

import { disposeAll } from '@patchslim/tensor';
import * as ort from 'onnxruntime-node';
import { createOnnxBackend, encodeModel, joinChunks, type Form } from '../src/index.js';
import { createTransformer, deitTiny, random } from '../test/transformer.js';

const batches = process.argv.length > 2 ? process.argv.slice(2).map(Number) : [1, 8];
const threads = 1;
const rounds = 30;
const warmUp = 3;

type Run = () => Promise<void>;

async function programOf(form: Form, batch: number): Promise<{ run: Run; bytes: Uint8Array }> {
  const backend = await createOnnxBackend({ form, threads });
  const forward = createTransformer(backend, deitTiny);
  const patches = random([batch, deitTiny.tokens - 1, deitTiny.width], 1);
  const program = await backend.compile(forward, { patches });
  const input = backend.constant(patches);
  const run = async () => {
    const outputs = await program.run({ patches: input });
    await outputs.logits.data();
    disposeAll({ ...outputs });
  };
  return { run, bytes: joinChunks(encodeModel(backend.record(forward, { patches })).model) };
}

async function bareSession(bytes: Uint8Array, batch: number): Promise<Run> {
  const session = await ort.InferenceSession.create(bytes, {
    executionProviders: ['cpu'],
    graphOptimizationLevel: 'all',
    intraOpNumThreads: threads,
    extra: { session: { force_spinning_stop: '1' } },
  });
  const patches = random([batch, deitTiny.tokens - 1, deitTiny.width], 1);
  return async () => {
    await session.run({ patches: new ort.Tensor('float32', patches.data, patches.shape) });
  };
}

async function milliseconds(run: Run): Promise<number> {
  const start = performance.now();
  await run();
  return performance.now() - start;
}

function summary(values: readonly number[], digits: number): string {
  const sorted = values.toSorted((a, b) => a - b);
  const [least, median, most] = [sorted[0]!, sorted[sorted.length >> 1]!, sorted.at(-1)!];
  return `${median.toFixed(digits)} (${least.toFixed(digits)}–${most.toFixed(digits)})`;
}

for (const batch of batches) {
  const runtime = await programOf('runtime', batch);
  const portable = await programOf('portable', batch);
  const runs = {
    runtime: runtime.run,
    portable: portable.run,
    bare: await bareSession(runtime.bytes, batch),
  };
  const times: Record<keyof typeof runs, number[]> = { runtime: [], portable: [], bare: [] };
  for (let round = -warmUp; round < rounds; round++) {
    for (const [name, run] of Object.entries(runs)) {
      const time = await milliseconds(run);
      if (round >= 0) times[name as keyof typeof runs].push(time);
    }
  }
  const ratio = (over: keyof typeof runs, under: keyof typeof runs) =>
    summary(
      times[over].map((time, i) => time / times[under][i]!),
      3,
    );
  console.log(`DeiT-Ti, batch ${batch}, ${threads} thread, ${rounds} rounds: median (min–max)`);
  console.log(`  runtime form                  ${summary(times.runtime, 1)} ms`);
  console.log(`  portable / runtime form       ${ratio('portable', 'runtime')}`);
  console.log(`  program / bare ORT session    ${ratio('runtime', 'bare')}`);
}
