/**
 * Time of each part of a forward pass, dense and slimmed, from ONNX Runtime's own profile, which times each node
 * under its name in the model.
 */

import { createOnnxRecorder, encodeModel, joinChunks } from '@patchslim/backend-onnx';
import { blocksFor } from '@patchslim/slimming-schedules';
import { forward, placeModel, type BlockPlan, type VitModel } from '@patchslim/vit-models';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import type { RealData } from '@patchslim/testing';
import { slim } from '../src/index.js';
import { setUp } from './setup.js';

const [warmUps, runs] = [5, 40];

/** Parts of the network by node names; the first match counts. */
const parts: readonly (readonly [name: string, pattern: RegExp])[] = [
  ['reducing tokens', /\/reduce/],
  ['q, k, v, projection', /attn\/(q|k|v|proj)/],
  ['attention itself', /attn/],
  ['MLP', /mlp/],
  ['norms', /norm/],
  ['patches, head', /embed|head/],
];

export async function benchProfile(data: RealData, batch: number): Promise<void> {
  const { checkpoint } = await setUp(data, 1);
  const recorder = createOnnxRecorder({ form: 'runtime' });
  const model = placeModel(recorder, checkpoint);
  const { plan: half } = await slim(model, undefined, { method: 'ward', schedule: 'budget:0.5' });
  const dense = await profile(model, undefined, batch);
  const slimmed = await profile(model, blocksFor(half, model), batch);
  const share = half.provenance.macs.slimmed / half.provenance.macs.dense;
  console.log(`ward at ${share.toFixed(3)} of the MACs, batch ${batch}: ms in each part, dense → slimmed`);
  for (const name of [...parts.map(([part]) => part), 'the rest']) {
    const [before, after] = [dense.get(name) ?? 0, slimmed.get(name) ?? 0];
    const ratio = before > 0 ? ` (${(after / before).toFixed(2)})` : '';
    console.log(`  ${name.padEnd(22)} ${before.toFixed(2)} → ${after.toFixed(2)}${ratio}`);
  }
  const total = (of: Map<string, number>) => [...of.values()].reduce((a, b) => a + b, 0);
  console.log(
    `  ${'all nodes'.padEnd(22)} ${total(dense).toFixed(2)} → ${total(slimmed).toFixed(2)} (${(total(slimmed) / total(dense)).toFixed(2)})`,
  );

  function record(plan: readonly BlockPlan[] | undefined, of: VitModel) {
    return recorder.record(({ images }) => ({ logits: forward(of, images, { plan }).logits }), {
      images: { shape: [batch, 3, of.config.imageSize, of.config.imageSize], dtype: 'float32' },
    });
  }

  /** Mean milliseconds of one run, by part. */
  async function profile(of: VitModel, plan: readonly BlockPlan[] | undefined, count: number) {
    const folder = await mkdtemp(join(tmpdir(), 'patchslim-profile-'));
    const session = await ort.InferenceSession.create(joinChunks(encodeModel(record(plan, of)).model), {
      enableProfiling: true,
      profileFilePrefix: join(folder, 'profile'),
      intraOpNumThreads: 1,
    });
    const side = of.config.imageSize;
    const images = new ort.Tensor('float32', new Float32Array(count * 3 * side ** 2).fill(0.3), [
      count,
      3,
      side,
      side,
    ]);
    for (let run = 0; run < warmUps + runs; run++) await session.run({ images });
    session.endProfiling();
    await session.release();
    const times = await readProfile(folder);
    await rm(folder, { recursive: true });
    return times;
  }
}

interface ProfileEvent {
  readonly cat: string;
  readonly name: string;
  /** Microseconds. */
  readonly dur: number;
}

async function readProfile(folder: string): Promise<Map<string, number>> {
  const [file] = await readdir(folder);
  const events = JSON.parse(await readFile(join(folder, file!), 'utf8')) as ProfileEvent[];
  const times = new Map<string, number>();
  for (const { cat, name, dur } of events) {
    if (cat !== 'Node' || !name.endsWith('_kernel_time')) continue;
    const part = parts.find(([, pattern]) => pattern.test(name))?.[0] ?? 'the rest';
    times.set(part, (times.get(part) ?? 0) + dur / 1000 / (warmUps + runs));
  }
  return times;
}
