/** `patchslim compare`: methods and budgets beside each other on one set of images. */

import { join } from 'node:path';
import { splitExamples, type ImageExample } from '@patchslim/datasets';
import {
  differenceWithin,
  percentWithin,
  plotComparison,
  renderComparison,
  speedupWithin,
} from '@patchslim/report';
import {
  compareFolds,
  findMethod,
  methods,
  parseRecovery,
  recoverPlan,
  type Fold,
  type Slimmed,
} from '@patchslim/slimming';
import { parseSchedule } from '@patchslim/slimming-schedules';
import { createRandom, range, shuffled } from '@patchslim/tensor';
import { writeWhole } from '@patchslim/tensor/files';
import { defineCommand } from '../command.js';
import { makeFolder } from '../files.js';
import {
  backendHelp,
  dataHelp,
  dataOptions,
  modelOptions,
  openData,
  openModel,
  weightsHelp,
} from '../inputs.js';
import { gigaMacs, table } from '../table.js';
import { calibrating as calibratingOf, dividedToRecover } from '../make-plan.js';
import { asUsage, integer, noMoreArguments, required, requiredArgument, UsageError } from '../usage.js';

export const compare = defineCommand({
  name: 'compare',
  summary: 'Compares methods at several budgets on the same images: accuracy, agreement, cost and speed.',
  usage: 'compare MODEL --data DIR --out DIR [--weights SOURCE] [--methods A,B] [--budgets 0.5,0.75] …',
  optionHelp: [
    weightsHelp,
    ...dataHelp,
    ['--out DIR', 'folder for compare.json, compare.html and plots as SVG'],
    ['--methods LIST', `of ${methods.map(({ name }) => name).join(', ')} (all)`],
    ['--budgets LIST', 'shares of the dense multiply-accumulates (0.5,0.6,0.75)'],
    [
      '--images N',
      'images for methods that calibrate, drawn with the seed (256, half of the folder at most); all others measure',
    ],
    [
      '--folds K',
      'measures on every image: K parts, each by plans from the others, N images of them at most',
    ],
    [
      '--recover SPEC',
      'adapts the weights to every plan, with the images that calibrate, as slim does (none)',
    ],
    ['--limit N', 'images that measure, at most (all)'],
    ['--runs N', 'timed pairs for each plan, dense and slimmed in turn; 0 for none (20)'],
    ['--seed N', 'seed of every draw (0)'],
    backendHelp,
  ],
  example:
    'compare deit-tiny --weights deit_tiny_patch16_224.safetensors --data imagenet_sample --out compared',
  options: {
    ...modelOptions,
    ...dataOptions,
    out: { type: 'string' },
    methods: { type: 'string', default: methods.map(({ name }) => name).join(',') },
    budgets: { type: 'string', default: '0.5,0.6,0.75' },
    images: { type: 'string' },
    folds: { type: 'string' },
    recover: { type: 'string', default: 'none' },
    limit: { type: 'string' },
    runs: { type: 'string', default: '20' },
    seed: { type: 'string', default: '0' },
  },
  async run(positionals, values, context) {
    noMoreArguments(positionals, 1);
    const name = requiredArgument(positionals, 'MODEL');
    const out = required(values, 'out');
    const chosen = asUsage('methods', () => values.methods.split(',').map(findMethod));
    const schedules = asUsage('budgets', () =>
      values.budgets.split(',').map((share) => parseSchedule(`budget:${share}`)),
    );
    const count = values.images === undefined ? undefined : integer('images', values.images, 1);
    const recovery = asUsage('recover', () => parseRecovery(values.recover));
    const runs = integer('runs', values.runs, 0);
    const seed = integer('seed', values.seed, 0);
    const division: Division = {
      count,
      seed,
      folds: values.folds === undefined ? undefined : integer('folds', values.folds, 2),
      limit: values.limit === undefined ? Infinity : integer('limit', values.limit, 1),
    };

    await makeFolder(out);
    const data = await openData(values, context);
    const model = await openModel(name, values, context);
    const { batchSize } = data;
    const folds: Fold[] = [];
    for (const { calibrating: drawn, measuring } of partsOf(data.examples, division)) {
      const calibrating = await data.readable(model, drawn);
      const { judging, rest } =
        recovery.length > 0 ? dividedToRecover(calibrating, seed) : { judging: [], rest: calibrating };
      const [calibration, heldBack] = [data.images(model, rest), data.images(model, judging)];
      const options = { ...context, seed, batchSize };
      const plans: Slimmed[] = [];
      for (const method of chosen) {
        for (const schedule of schedules) {
          const plan = await method.plan(model, calibration, { ...options, schedule });
          plans.push(
            recovery.length === 0
              ? { plan }
              : await recoverPlan(model, plan, { ...options, recovery, images: calibration, heldBack }),
          );
        }
      }
      folds.push({ plans, images: data.images(model, measuring) });
    }
    const result = await compareFolds(model, folds, { ...context, batchSize, runs });
    const title = `${name}, ${folds[0]!.images.name}`;
    const denseTop1 = percentWithin(result.dense.top1, result.dense.intervals.top1);
    const files = new Map([
      ['compare.json', `${JSON.stringify(result, null, 2)}\n`],
      ['compare.html', renderComparison(title, result)],
      ...[...plotComparison(title, result)].map(([plot, svg]) => [`${plot}.svg`, svg] as const),
    ]);
    for (const [file, text] of files) await writeWhole('compare', join(out, file), [text]);
    return {
      json: { out, ...result },
      text: [
        table([
          ['method', 'schedule', 'MACs', 'top-1', 'change', 'same class', 'divergence', 'speed-up'],
          ['dense', '', gigaMacs(result.dense.macs), denseTop1, '', '', '', ''],
          ...result.plans.map((plan) => [
            ...[plan.method, plan.schedule, gigaMacs(plan.macs)],
            ...[percentWithin(plan.top1, plan.intervals.top1), differenceWithin(plan.change)],
            ...[percentWithin(plan.agreement, plan.intervals.agreement), plan.divergence.toFixed(4)],
            speedupWithin(plan.speedup, plan.spread),
          ]),
        ]),
        '',
        `On ${result.images} images; in brackets 95 % intervals, and quartiles of the speed-ups.`,
        join(out, 'compare.html'),
      ].join('\n'),
    };
  },
});

interface Part {
  readonly calibrating: readonly ImageExample[];
  readonly measuring: readonly ImageExample[];
}

interface Division {
  /** Images that calibrate, at most; undefined when it was left open. */
  readonly count: number | undefined;
  readonly seed: number;
  readonly folds: number | undefined;
  /** Images that measure, at most. */
  readonly limit: number;
}

/** Images that calibrate when it was left open. */
const usual = 256;

/** No image measures what was made with it. @throws UsageError for less than two images, or fewer than folds */
function partsOf(examples: readonly ImageExample[], { count, seed, folds, limit }: Division): Part[] {
  if (examples.length < (folds ?? 2)) {
    throw new UsageError(`--data: expected at least ${folds ?? 2} images, got ${examples.length}`);
  }
  if (folds === undefined) {
    const { chosen, rest } = splitExamples(
      examples,
      Math.min(count ?? calibratingOf(usual, examples), examples.length - 1),
      seed,
    );
    return [{ calibrating: chosen, measuring: rest.slice(0, limit) }];
  }
  const { chosen } = splitExamples(examples, Math.min(limit, examples.length), seed);
  const dealt = shuffled(chosen, createRandom(seed));
  return range(folds).map((fold) => {
    const others = dealt.filter((_, i) => i % folds !== fold);
    return {
      measuring: dealt.filter((_, i) => i % folds === fold),
      calibrating: splitExamples(others, Math.min(count ?? usual, others.length), seed).chosen,
    };
  });
}
