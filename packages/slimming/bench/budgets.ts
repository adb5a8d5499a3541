/**
 * What plans cost in accuracy and gain in speed at several budgets, judged on all 1000 images of `imagenet_sample`: methods that
 * need no images, with the weights of DeiT-Tiny or adapted ones, against the dense network of the unchanged weights. Prints
 * one row per plan as it finishes; each row's divergence is compared with that of the first row of its budget:
 *
 *     npx tsx --conditions=@patchslim/source packages/slimming/bench/budgets.ts [--keep] '0.5;0.6' METHOD[@FOLDER] …
 *
 * Between semicolons stand shares of the multiply-accumulates, or schedules. `FOLDER` is what `slim --recover … --out FOLDER` wrote.
 * With `--keep` each row is kept in docs/results/judged.json, from which `npm run judged-page -w docs` makes a page; run it on a quiet machine.
 */

import { createOnnxRecorder } from '@patchslim/backend-onnx';
import { vitMacs } from '@patchslim/flop-counter';
import { blocksFor, findStep, parsePlan } from '@patchslim/slimming-schedules';
import { describeMachine, findRealData, type JudgedPlan, type JudgedPlans } from '@patchslim/testing';
import { disposeModel, forward, fromPretrained, placeModel, type BlockPlan } from '@patchslim/vit-models';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { divergences } from '../src/compare/divergence.js';
import { compareSpeed, predict, slim } from '../src/index.js';
import { pairedDifference, pairedShareDifference } from '../src/intervals/paired-difference.js';
import type { Interval } from '../src/intervals/share-interval.js';
import { deitTiny } from './studies.js';

const keptFile = fileURLToPath(new URL('../../../docs/results/judged.json', import.meta.url));
/** Pairs of runs for each batch size, where they are kept. */
const pairs = new Map([
  [1, 150],
  [8, 40],
]);

const words = process.argv.slice(2);
const keeping = words[0] === '--keep';
const [budgets = '0.5', ...rows] = keeping ? words.slice(1) : words;
const { model, unseen, batchSize } = await deitTiny((examples) => ({ calibrating: [], unseen: examples }));
const options = { batchSize, keepLogits: true };
const unchanged = await fromPretrained(findRealData()!.weights);
const dense = await predict(model, unseen, options);
const labels = dense.labels!;
const { classes } = model.config;

const classOf = (logits: Float32Array, image: number): number => {
  const row = logits.subarray(image * classes, (image + 1) * classes);
  return row.indexOf(Math.max(...row));
};
const hitsOf = (logits: Float32Array, wanted: (image: number) => number): boolean[] =>
  Array.from({ length: unseen.count }, (_, image) => classOf(logits, image) === wanted(image));
const percent = (hits: readonly boolean[]): number => (100 * hits.filter(Boolean).length) / hits.length;
const label = (image: number): number => labels[image]!;

const denseHits = hitsOf(dense.logits!, label);
console.log(`${unseen.count} images, dense ${percent(denseHits).toFixed(1)} %`);
console.log(
  '| budget | method | MACs | top-1, change | same class as dense | KL | change of KL | speed-up |',
);
console.log(
  '| -----: | ------ | ---: | ------------- | ------------------: | -: | ------------ | -------- |',
);
for (const budget of budgets.split(';')) {
  let first: readonly number[] | undefined;
  for (const row of rows) {
    const [method = '', folder] = row.split('@');
    const { judged, divergence } = await judge(method, budget, folder);
    first ??= divergence;
    const change = pairedDifference(first, divergence);
    const { macs, top1, agreement, speed } = judged;
    const cells = [
      ...[budget, row, macs.toFixed(3)],
      `${top1.percent.toFixed(1)}, ${withInterval(top1.change, top1.interval, 1)}`,
      ...[agreement.toFixed(1), judged.divergence.mean.toFixed(4)],
      withInterval(change.mean, change.interval, 4),
      speed.map(({ batch, ratio }) => `${ratio.toFixed(2)} × at ${batch}`).join(', '),
    ];
    console.log(`| ${cells.join(' | ')} |`);
    if (keeping) await keep(judged);
  }
}
await model.backend.close();

/** @param folder of adapted weights */
async function judge(method: string, budget: string, folder: string | undefined) {
  const schedule = /^[\d.]+$/.test(budget) ? `budget:${budget}` : budget;
  const checkpoint = folder && (await fromPretrained(join(folder, 'model')));
  const network = checkpoint ? placeModel(model.backend, checkpoint) : model;
  const slimmed = await slim(network, undefined, { method, schedule });
  await slimmed.model.close();
  const plan = blocksFor(slimmed.plan, network);
  const logits = (await predict(network, unseen, { ...options, plan })).logits!;
  const hits = hitsOf(logits, label);
  const divergence = divergences(logits, dense.logits!, model.config);
  const { interval, mean: change } = pairedShareDifference(denseHits, hits);
  const speed = [];
  for (const [batch, runs] of pairs) {
    speed.push(...(await compareSpeed(network, plan, { batches: [batch], runs: keeping ? runs : 5 })));
  }
  const judged: JudgedPlan = {
    ...{ method, schedule, ...(folder === undefined ? {} : { adapted: await recoveryIn(folder) }) },
    macs: vitMacs(network.config, plan).total / vitMacs(network.config).total,
    top1: { percent: percent(hits), change, interval: [...interval] },
    agreement: percent(hitsOf(logits, (image) => classOf(dense.logits!, image))),
    divergence: pairedDifference(new Float64Array(divergence.length), divergence),
    speed: speed.map(({ batch, speedup: ratio, spread, denseMs, slimmedMs }) => {
      return { batch, ratio, quartiles: [...spread], denseMs, slimmedMs };
    }),
    nodes: { dense: nodesOf(undefined), slimmed: nodesOf(plan) },
    machine: describeMachine(),
    date: new Date().toISOString().slice(0, 10),
    command: `npx tsx --conditions=@patchslim/source packages/slimming/bench/budgets.ts --keep '${budget}' ${method}${folder === undefined ? '' : '@FOLDER'}`,
  };
  if (network !== model) disposeModel(network);
  return { judged, divergence };
}

/** Nodes of the graph that onnxruntime-node gets at batch 1. */
function nodesOf(plan: readonly BlockPlan[] | undefined): number {
  const recorder = createOnnxRecorder({ form: 'runtime' });
  const placed = placeModel(recorder, unchanged);
  const side = placed.config.imageSize;
  const inputs = { images: { shape: [1, 3, side, side], dtype: 'float32' } } as const;
  return recorder.record(({ images }) => ({ logits: forward(placed, images, { plan }).logits }), inputs).nodes
    .length;
}

/** How the weights in a folder were adapted. */
async function recoveryIn(folder: string): Promise<NonNullable<JudgedPlan['adapted']>> {
  const { provenance } = parsePlan(await readFile(join(folder, 'plan.json'), 'utf8'));
  const step = findStep(provenance, 'recovered');
  if (!step) throw new Error(`${folder} has no adapted weights`);
  const { recovery, chosen, images, judges } = step;
  const set = provenance.images!.name;
  return { recovery: chosen?.recovery ?? recovery, set, learned: images, chose: judges };
}

/** Adds a row to the file, or replaces the row of the same plan and weights. */
async function keep(judged: JudgedPlan): Promise<void> {
  const judges = { name: unseen.name, images: unseen.count, top1: percent(denseHits) };
  const before: JudgedPlans = existsSync(keptFile)
    ? (JSON.parse(await readFile(keptFile, 'utf8')) as JudgedPlans)
    : { model: model.config.name, judges, plans: [] };
  const key = ({ method, schedule, adapted }: JudgedPlan): string =>
    [schedule, method, adapted?.recovery ?? ''].join(' ');
  const others = before.plans.filter((plan) => key(plan) !== key(judged));
  const plans = [...others, judged].sort((a, b) => (key(a) < key(b) ? -1 : 1));
  await writeFile(keptFile, `${JSON.stringify({ ...before, judges, plans }, rounded, 2)}\n`);
}

/** Five digits; more would be noise in version control. */
function rounded(_: string, value: unknown): unknown {
  return typeof value === 'number' ? Number(value.toPrecision(5)) : value;
}

function withInterval(change: number, interval: Interval, digits: number): string {
  const signed = (value: number): string => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(digits)}`;
  return `${signed(change)} (${interval.map(signed).join(' to ')})`;
}
