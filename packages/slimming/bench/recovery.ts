/**
 * Accuracy that each recovery regains: top-1 and agreement with the dense network on held-out images, with time and
 * memory. Prints one row per recovery as it finishes. Takes an hour on two cores for DeiT-Tiny:
 *
 *     npx tsx --conditions=@patchslim/source packages/slimming/bench/recovery.ts deit-tiny [recovery …]
 *     npx tsx --conditions=@patchslim/source packages/slimming/bench/recovery.ts fashion [recovery …]
 *
 * For the embedded model the first row is the paper's whole method: it finds the counts, with learning inside the
 * search. The other recoveries adapt to these counts.
 */

import { splitExamples, type ImageSet } from '@patchslim/datasets';
import { countsSchedule, figure5Counts, parseSchedule, type SlimPlan } from '@patchslim/slimming-schedules';
import { resolveBlocks } from '@patchslim/token-reducers';
import {
  createCheckpoint,
  disposeModel,
  placeModel,
  readParams,
  traceCounts,
  type Checkpoint,
} from '@patchslim/vit-models';
import { forgetPeak, peakMemory } from '@patchslim/testing/platform';
import { summarizePredictions } from '../src/evaluate.js';
import { parseRecovery, predict, slim, type Slimmed } from '../src/index.js';
import { splitImages } from '../src/job/split-images.js';
import { recover } from '../src/recover/recover.js';
import { deitTiny, fashion } from './studies.js';

const [name = 'deit-tiny', ...chosen] = process.argv.slice(2);
const all = ['none', 'least-squares', 'block', 'distill', 'least-squares+distill', 'block+distill'];
const study = name === 'fashion' ? await onFashion() : await onDeitTiny();
const specs = chosen.length > 0 ? chosen : study.schedule.needsErrors ? ['block', ...all] : all;
const { model, calibrating, unseen, batchSize } = study;

const dense = await predict(model, unseen, { batchSize });
const denseFigures = summarizePredictions(dense);
console.log(
  `${name}, ${study.schedule.spec}: ${calibrating.count} to learn and to judge, ${unseen.count} unseen`,
);
console.log('| recovery | MACs | top-1 | same class as dense | minutes | peak memory, MB |');
console.log('| -------- | ---: | ----: | ------------------: | ------: | --------------: |');
console.log(`| dense | | ${denseFigures.top1!.toFixed(2)} | | | |`);
let schedule = study.schedule;
for (const spec of specs) {
  const { plan, adapted } = await measure(spec);
  if (!schedule.needsErrors) continue;
  console.log(`counts: ${countsOf(plan).join(', ')}`);
  if (adapted && study.everything) await finetune(plan, adapted, study.everything);
  schedule = countsSchedule(countsOf(plan));
}

async function measure(spec: string): Promise<Slimmed> {
  const watch = await startWatch();
  const slimmed = await slim(model, calibrating, {
    ...{ method: 'patch-slimming', schedule, recover: spec },
    ...{ calibrate: calibrating.count, batchSize },
  });
  await report(`${spec}${schedule.needsErrors ? ', in the search' : ''}`, slimmed, watch);
  return slimmed;
}

/** The last step of the paper's method: the whole slimmed network is trained on all training images. */
async function finetune(plan: SlimPlan, start: Checkpoint, images: ImageSet): Promise<void> {
  const watch = await startWatch();
  const spec = 'finetune:epochs=1,rate=0.0005';
  const { choose } = splitImages(calibrating, { share: 1 / 8, seed: 0, purpose: spec });
  const params = await recover(
    model,
    readParams(start.config, start.tensors),
    resolveBlocks(plan.blocks),
    parseRecovery(spec),
    { images, heldBack: choose, batchSize, seed: 0 },
  );
  const adapted = await createCheckpoint({ ...start, params });
  await report(`the same, then ${spec} on ${images.count} images`, { plan, adapted }, watch);
}

async function report(
  name: string,
  { plan, adapted }: Pick<Slimmed, 'plan' | 'adapted'>,
  watch: Watch,
): Promise<void> {
  const minutes = (performance.now() - watch.began) / 60_000;
  const memory = await peakMemory();
  const slimmed = adapted ? placeModel(model.backend, adapted) : model;
  const predictions = await predict(slimmed, unseen, { batchSize, plan: resolveBlocks(plan.blocks) });
  const { top1, agreement } = summarizePredictions(predictions, dense);
  if (adapted) disposeModel(slimmed);
  const { macs } = plan.provenance;
  const cells = [
    name,
    `${((100 * macs.slimmed) / macs.dense).toFixed(1)} %`,
    top1!.toFixed(2),
    agreement!.toFixed(2),
    minutes.toFixed(1),
    memory.toFixed(0),
  ];
  console.log(`| ${cells.join(' | ')} |`);
}

interface Watch {
  readonly began: number;
}

async function startWatch(): Promise<Watch> {
  await forgetPeak();
  return { began: performance.now() };
}

/** Tokens that each block computes. */
function countsOf(plan: SlimPlan): number[] {
  return traceCounts(model.config, resolveBlocks(plan.blocks)).map(({ kept }) => kept);
}

/**
 * The counts of the paper's Fig. 5: 800 of the 1000 images are used for the plan (100 of them to choose), 200 are
 * unseen.
 */
async function onDeitTiny() {
  const study = await deitTiny((examples) => {
    const { chosen, rest } = splitExamples(examples, 800, 0);
    return { calibrating: chosen, unseen: rest };
  });
  return { ...study, schedule: countsSchedule(figure5Counts), everything: undefined };
}

/** Half of the MACs, found by the paper's search; evaluated on the whole test set. */
async function onFashion() {
  const spec = process.env['SCHEDULE'] ?? 'top-down:tolerance=0.0027,granularity=20';
  return { ...(await fashion(2500, 10_000)), schedule: parseSchedule(spec) };
}
