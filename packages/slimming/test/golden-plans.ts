/** The plans of every method and of every score on fixed inputs, as plain data that must not change. */

import { createReferenceBackend } from '@patchslim/tensor/reference';
import { staticScores } from '@patchslim/importance-estimators';
import { blocksFor, type SlimPlan } from '@patchslim/slimming-schedules';
import { runOnHost, type Backend } from '@patchslim/tensor';
import { forward, traceCounts, type BlockPlan, type VitModel } from '@patchslim/vit-models';
import { methods, parseMethod, patchSlimming, slim } from '../src/index.js';
import { fourImages } from './dynamic-plans.js';
import { smallModel, smallTensors } from './small-model.js';

export interface GoldenPlan {
  /** Method or score, and schedule. */
  readonly name: string;
  /** Tokens that each block computes. */
  readonly counts: readonly number[];
  /** Their positions, for a plan with fixed positions. */
  readonly positions?: readonly (readonly number[])[];
  readonly macs: number;
  /** Logits of four images, one after the other. */
  readonly logits: readonly number[];
}

/** `ward` as it was when the plans were recorded, and as older plan files have it. */
const asBefore = 'ward:deal=rows,norms=mean';

/** On the reference backend, in float64. Sorted by name. */
export async function makePlans(): Promise<GoldenPlan[]> {
  const backend = createReferenceBackend();
  const model = await smallModel(backend);
  const options = { seed: 0, batchSize: 4, calibrate: 12 };
  const made: GoldenPlan[] = [];
  for (const schedule of ['budget:0.7', 'counts:17,14,9,1']) {
    for (const { name } of methods) {
      const method = parseMethod(name === 'ward' ? asBefore : name);
      const { plan } = await slim(model, smallTensors(12), { ...options, method, schedule });
      made.push(await describePlan(`${name}, ${schedule}`, model, plan));
    }
  }
  for (const score of staticScores) {
    for (const [schedule, deeperBlocks, keys] of [
      ['keep-ratio:0.7@1,2', 'dense', 'compact'],
      ['top-down:tolerance=0.0002,granularity=4,norm=relative', 'slimmed', 'all'],
    ] as const) {
      const method = patchSlimming({ score, deeperBlocks, keys });
      const { plan } = await slim(model, smallTensors(12), { ...options, method, schedule });
      made.push(await describePlan(`${score.name}, ${schedule}`, model, plan));
    }
  }
  await backend.close();
  return made.sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function describePlan(name: string, model: VitModel, plan: SlimPlan): Promise<GoldenPlan> {
  const blocks = blocksFor(plan, model);
  const macs = plan.provenance.macs.slimmed;
  const counts = traceCounts(model.config, blocks).map(({ kept }) => kept);
  const positions = blocks.map((block) => (block.kind === 'keep' ? block.keep : []));
  const isStatic = blocks.every(({ kind }) => kind === 'keep' || kind === 'dense');
  const logits = await logitsOf(model.backend, model, blocks);
  return { name, counts, ...(isStatic ? { positions } : {}), macs, logits };
}

async function logitsOf(backend: Backend, model: VitModel, plan: readonly BlockPlan[]): Promise<number[]> {
  const images = await fourImages();
  const program = await backend.compile(
    (inputs) => ({ logits: forward(model, inputs.images, { plan }).logits }),
    { images: { shape: images.shape, dtype: 'float32' } },
  );
  const { logits } = await runOnHost(backend, program, { images });
  await program.dispose();
  return Array.from(logits.data, (value) => Number(value.toPrecision(7)));
}
