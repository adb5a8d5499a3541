/** `patchslim compare`: methods and budgets beside each other on one set of images. */

import { join } from 'node:path';
import {
  formatDifference,
  formatPercent,
  plotComparison,
  renderComparison,
  formatSpeedup,
} from '@patchslim/report';
import { compare, methods } from '@patchslim/slimming';
import { formatPlan, type SlimPlan } from '@patchslim/slimming-schedules';
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
import {
  drawHelp,
  drawOptions,
  readDraw,
  readMethod,
  readRecovery,
  readSchedule,
  recoverHelp,
  recoverOption,
} from '../plan-options.js';
import { gigaMacs, table } from '../table.js';
import { integer, noMoreArguments, required, requiredArgument } from '../usage.js';

export const compareCommand = defineCommand({
  name: 'compare',
  summary: 'Compares methods at several budgets on the same images: accuracy, agreement, cost and speed.',
  usage: 'compare MODEL --data DIR --out DIR [--weights SOURCE] [--methods A,B] [--schedules budget:0.5,…] …',
  optionHelp: [
    weightsHelp,
    ...dataHelp,
    ['--out DIR', 'folder for compare.json, compare.html, plots as SVG, and every plan'],
    [
      '--methods LIST',
      `methods, with settings or without (all: ${methods.map(({ name }) => name).join(',')})`,
    ],
    ['--schedules LIST', 'schedules (budget:0.5,budget:0.6,budget:0.75)'],
    recoverHelp,
    ...drawHelp,
    [
      '--folds K',
      'measures on every image: K parts, each by plans from the others, N images of them at most',
    ],
    ['--limit N', 'images that measure, at most (all)'],
    ['--runs N', 'timed pairs for each plan, dense and slimmed in turn; 0 for none (20)'],
    backendHelp,
  ],
  example:
    'compare deit-tiny --weights deit_tiny_patch16_224.safetensors --data imagenet_sample --out compared',
  options: {
    ...modelOptions,
    ...dataOptions,
    out: { type: 'string' },
    methods: { type: 'string', default: methods.map(({ name }) => name).join(',') },
    schedules: { type: 'string', default: 'budget:0.5,budget:0.6,budget:0.75' },
    ...recoverOption,
    ...drawOptions,
    folds: { type: 'string' },
    limit: { type: 'string' },
    runs: { type: 'string', default: '20' },
  },
  async run(positionals, values, context) {
    noMoreArguments(positionals, 1);
    const name = requiredArgument(positionals, 'MODEL');
    const out = required(values, 'out');
    const asked = {
      methods: listOf(values.methods).map(readMethod),
      schedules: listOf(values.schedules).map((text) => readSchedule(text, values.backend)),
      recover: readRecovery(values.recover),
      ...readDraw(values),
      folds: values.folds === undefined ? undefined : integer('folds', values.folds, 2),
      limit: values.limit === undefined ? undefined : integer('limit', values.limit, 1),
      runs: integer('runs', values.runs, 0),
    };

    await makeFolder(out);
    const data = await openData(values, context);
    const model = await openModel(name, values, context);
    const { folder, decoding, batchSize } = data;
    const { made, ...result } = await compare(model, folder, {
      ...context,
      ...decoding,
      ...asked,
      batchSize,
    });
    for (const { method, schedule, reason } of result.refused) {
      context.note(`${method} cannot do ${schedule}: ${reason}`);
    }
    const title = `${name}, ${folder.name}`;
    const denseTop1 = formatPercent(result.dense.top1, result.dense.intervals.top1);
    const files = new Map([
      ['compare.json', `${JSON.stringify(result, null, 2)}\n`],
      ['compare.html', renderComparison(title, result)],
      ...[...plotComparison(title, result)].map(([plot, svg]) => [`${plot}.svg`, svg] as const),
      ...(asked.folds === undefined
        ? made.map(({ plan }) => [`${planName(plan)}.plan.json`, formatPlan(plan)] as const)
        : []),
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
            ...[formatPercent(plan.top1, plan.intervals.top1), formatDifference(plan.change)],
            ...[formatPercent(plan.agreement, plan.intervals.agreement), plan.divergence.toFixed(4)],
            formatSpeedup(plan.speedup, plan.spread),
          ]),
        ]),
        '',
        `On ${result.images} images; in brackets 95 % intervals, and quartiles of the speed-ups.`,
        join(out, 'compare.html'),
      ].join('\n'),
    };
  },
});

/** Specs hold commas themselves: a comma ends one where a name follows. */
const listOf = (text: string): string[] => text.split(/,(?=[a-z][a-z0-9-]*(?:[:,]|$))/);

/** Specs hold what file systems refuse. */
const planName = ({ provenance: { method, schedule } }: SlimPlan): string =>
  `${method}-${schedule}`.replace(/[^a-zA-Z0-9.]+/g, '-');
