/**
 * What a recovery gives back to a plan that chooses image by image: top-1, agreement and divergence on images that were
 * neither learned from nor looked at. One row per recovery, as it is done:
 *
 *     npx tsx --conditions=@patchslim/source packages/slimming/bench/recovery-at-run-time.ts deit-tiny budget:0.4 [recovery …]
 *     npx tsx --conditions=@patchslim/source packages/slimming/bench/recovery-at-run-time.ts fashion budget:0.4 [recovery …]
 *
 * `METHOD` is `ward` unless it is set.
 */

import { createOnnxBackend } from '@patchslim/backend-onnx';
import {
  imageSet,
  openImageFolder,
  openSmallSet,
  pixelSet,
  splitExamples,
  takePixels,
  type ImageSet,
} from '@patchslim/datasets';
import { modelFolder } from '@patchslim/fashion-vit';
import { parseSchedule } from '@patchslim/slimming-schedules';
import { range } from '@patchslim/tensor';
import { findRealData } from '@patchslim/testing';
import { disposeModel, fromPretrained, placeModel, type VitModel } from '@patchslim/vit-models';
import { fileURLToPath } from 'node:url';
import {
  findRuntimeMethod,
  meanDivergence,
  parseRecovery,
  predict,
  recoverPlan,
  slimAtRunTime,
  summarizePredictions,
} from '../src/index.js';

interface Study {
  readonly model: VitModel;
  readonly learn: ImageSet;
  readonly judge: ImageSet;
  readonly unseen: ImageSet;
  readonly batchSize: number;
}

const [name = 'deit-tiny', schedule = 'budget:0.5', ...chosen] = process.argv.slice(2);
const specs = chosen.length > 0 ? chosen : ['distill:epochs=4', 'distill:epochs=4,features=0'];
const { model, learn, judge, unseen, batchSize } = name === 'fashion' ? await fashion() : await deitTiny();
const method = findRuntimeMethod(process.env['METHOD'] ?? 'ward');
const plan = slimAtRunTime(model, method, parseSchedule(schedule));
const options = { batchSize, keepLogits: true };
const dense = await predict(model, unseen, options);

console.log(
  `${name}, ${method.name}, ${schedule}: ${learn.count} to learn, ${judge.count} to judge, ${unseen.count} unseen; dense ${summarizePredictions(dense).top1!.toFixed(2)}`,
);
console.log('| recovery | top-1 | same class as dense | divergence | held back: before, after | minutes |');
console.log('| -------- | ----: | ------------------: | ---------: | ------------------------ | ------: |');
await row('none', model, ['', '']);
for (const spec of specs) {
  const began = performance.now();
  const context = { images: learn, heldBack: judge, batchSize: 8, seed: 0 };
  const recovered = await recoverPlan(model, plan, { ...context, recovery: parseRecovery(spec) });
  const minutes = (performance.now() - began) / 60_000;
  const { before, after } = recovered.plan.provenance.recovery!.heldBack;
  const adapted = placeModel(model.backend, recovered.adapted);
  await row(spec, adapted, [`${before.toFixed(4)}, ${after.toFixed(4)}`, minutes.toFixed(1)]);
  disposeModel(adapted);
}

async function row(label: string, network: VitModel, rest: readonly string[]): Promise<void> {
  const slimmed = await predict(network, unseen, { ...options, plan: plan.blocks });
  const { top1, agreement } = summarizePredictions(slimmed, dense);
  const divergence = meanDivergence(slimmed.logits!, dense.logits!, model.config.classes);
  const figures = [top1!.toFixed(2), agreement!.toFixed(2), divergence.toFixed(4)];
  console.log(`| ${[label, ...figures, ...rest].join(' | ')} |`);
}

/** DeiT-Tiny: of the 1000 images 600 are learned from, 100 judge, 300 are unseen. */
async function deitTiny(): Promise<Study> {
  const data = findRealData();
  if (!data) throw new Error('deit_tiny and imagenet_sample are absent; set PATCHSLIM_DATA');
  const placed = placeModel(await createOnnxBackend(), await fromPretrained(data.weights));
  const { examples } = await openImageFolder(data.images);
  const { chosen: measured, rest } = splitExamples(examples, 300, 0);
  const { chosen: judging, rest: learning } = splitExamples(rest, 100, 0);
  const set = (some: typeof examples) => imageSet('imagenet_sample', some, placed.preprocessing);
  return {
    model: placed,
    learn: set(learning),
    judge: set(judging),
    unseen: set(measured),
    batchSize: 8,
  };
}

/** The embedded model: 1000 of its training images are learned from, 200 judge, 4000 test images are unseen. */
async function fashion(): Promise<Study> {
  const placed = placeModel(await createOnnxBackend(), await fromPretrained(fileURLToPath(modelFolder)));
  const folder = fileURLToPath(
    new URL('../../../node_modules/.cache/patchslim/fashion-mnist', import.meta.url),
  );
  const part = async (which: 'train' | 'test', from: number, to: number) => {
    const pixels = await openSmallSet('fashion-mnist', which, { folder });
    const chosen = takePixels(pixels, range(to).slice(from));
    return pixelSet(chosen, placed.preprocessing);
  };
  return {
    model: placed,
    learn: await part('train', 0, 1000),
    judge: await part('train', 1000, 1200),
    unseen: await part('test', 0, 4000),
    batchSize: 32,
  };
}
