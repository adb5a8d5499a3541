/**
 * What plans cost in accuracy at several budgets, on all 1000 images of `imagenet_sample`: methods that need no images, with the
 * weights of DeiT-Tiny or adapted ones, against the dense network of the unchanged weights. Each row is compared with the
 * first row of its budget. Prints one row per plan as it finishes:
 *
 *     npx tsx --conditions=@patchslim/source packages/slimming/bench/budgets.ts '0.5;0.6' METHOD[@FOLDER] …
 *
 * Between semicolons stand shares of the multiply-accumulates, or schedules. `FOLDER` has adapted weights, as `slim --recover` writes them into `model`.
 */

import { vitMacs } from '@patchslim/flop-counter';
import { blocksFor } from '@patchslim/slimming-schedules';
import { disposeModel, fromPretrained, placeModel, type VitModel } from '@patchslim/vit-models';
import { divergences } from '../src/compare/divergence.js';
import { pairedDifference, pairedShareDifference } from '../src/intervals/paired-difference.js';
import { predict, slim } from '../src/index.js';
import { deitTiny } from './studies.js';

const [budgets = '0.5', ...rows] = process.argv.slice(2);
const { model, unseen, batchSize } = await deitTiny((examples) => ({ calibrating: [], unseen: examples }));
const options = { batchSize, keepLogits: true };
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
const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
const label = (image: number): number => labels[image]!;

const denseHits = hitsOf(dense.logits!, label);
console.log(`${unseen.count} images, dense ${percent(denseHits).toFixed(1)} %`);
console.log('| budget | method | MACs | top-1, change | same class as dense | KL | change of KL |');
console.log('| -----: | ------ | ---: | ------------- | ------------------: | -: | ------------ |');
for (const budget of budgets.split(';')) {
  let first: readonly number[] | undefined;
  for (const row of rows) {
    const [method = '', folder] = row.split('@');
    const network = folder ? placeModel(model.backend, await fromPretrained(folder)) : model;
    const found = await figures(network, method, budget);
    if (folder) disposeModel(network);
    first ??= found.divergence;
    const change = pairedDifference(first, found.divergence);
    const cells = [budget, row, ...found.cells, mean(found.divergence).toFixed(4), withInterval(change, 4)];
    console.log(`| ${cells.join(' | ')} |`);
  }
}
await model.backend.close();

async function figures(network: VitModel, method: string, budget: string) {
  const schedule = /^[\d.]+$/.test(budget) ? `budget:${budget}` : budget;
  const slimmed = await slim(network, undefined, { method, schedule });
  const plan = blocksFor(slimmed.plan, network);
  await slimmed.model.close();
  const logits = (await predict(network, unseen, { ...options, plan })).logits!;
  const hits = hitsOf(logits, label);
  const same = hitsOf(logits, (image) => classOf(dense.logits!, image));
  const share = vitMacs(network.config, plan).total / vitMacs(network.config).total;
  const top1 = `${percent(hits).toFixed(1)}, ${withInterval(pairedShareDifference(denseHits, hits), 1)}`;
  return {
    divergence: divergences(logits, dense.logits!, model.config),
    cells: [share.toFixed(3), top1, percent(same).toFixed(1)],
  };
}

function withInterval(
  { mean: middle, interval }: ReturnType<typeof pairedDifference>,
  digits: number,
): string {
  const signed = (value: number): string => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(digits)}`;
  return `${signed(middle)} (${interval.map(signed).join(' to ')})`;
}
