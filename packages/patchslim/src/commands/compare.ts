/** `patchslim compare`: methods and budgets beside each other on one set of images. */

import { join } from 'node:path';
import {
  divergenceCells,
  divergenceColumns,
  formatDifference,
  formatPercent,
  formatSpeedup,
  plotComparison,
  renderComparison,
} from '@patchslim/report';
import { compare, methods as allMethods, type Comparison, type PlanFigures } from '@patchslim/slimming';
import { formatPlan } from '@patchslim/slimming-schedules';
import { writeWhole } from '@patchslim/tensor/files';
import { defineCommand } from '../command.js';
import { makeFolder } from '../files.js';
import {
  backendHelp,
  dataHelp,
  dataOptions,
  matchData,
  modelOptions,
  openData,
  openModel,
  weightsHelp,
} from '../inputs.js';
import {
  drawHelp,
  drawOptions,
  methodTable,
  readDraw,
  readMethod,
  readRecovery,
  readSchedule,
  recoverHelp,
  recoverOption,
  requireFittingOptions,
} from '../plan-options.js';
import { gigaMacs, table } from '../table.js';
import { integer, noMoreArguments, required, requiredArgument } from '../usage.js';

const names = allMethods.map(({ name }) => name).join(',');
const usualSchedules = 'budget:0.5,budget:0.6,budget:0.75';

export const compareCommand = defineCommand({
  name: 'compare',
  summary: 'Compares methods and schedules on the same images: accuracy, agreement, cost and speed.',
  usage: 'compare MODEL --data DIR --out DIR [--weights SOURCE] [--methods A,B] [--schedules C,D] …',
  optionHelp: [
    ...weightsHelp,
    ...dataHelp,
    [
      '--out DIR',
      'folder for compare.json, compare.html, plots as SVG and, without --folds, every plan as METHOD-SCHEDULE.plan.json',
    ],
    [
      '--methods LIST',
      `methods as for slim, with settings or without, and auto; all of these by default:\n${methodTable}`,
    ],
    ['--schedules LIST', `schedules as for slim (${usualSchedules})`],
    recoverHelp,
    ...drawHelp,
    [
      '--folds K',
      'measure on every image: deal them into K parts, and measure on each with plans made from images of the others\n(by default the images that do not calibrate measure)',
    ],
    ['--limit N', 'measure on at most N images (all)'],
    ['--runs N', 'pairs to time for each plan, dense and slimmed in turn (20; 0 for none)'],
    backendHelp,
  ],
  example:
    'compare deit-tiny --weights deit_tiny_patch16_224.safetensors --data imagenet_sample --out compared',
  options: {
    ...modelOptions,
    ...dataOptions,
    out: { type: 'string' },
    methods: { type: 'string', default: names },
    schedules: { type: 'string', default: usualSchedules },
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
      methods: listOf(values.methods).map((text) => readMethod('methods', text)),
      schedules: listOf(values.schedules).map((text) => readSchedule('schedules', text, values.backend)),
      recover: readRecovery(values.recover),
      ...readDraw(values),
      folds: values.folds === undefined ? undefined : integer('folds', values.folds, 2),
      limit: values.limit === undefined ? undefined : integer('limit', values.limit, 1),
      runs: integer('runs', values.runs, 0),
    };
    const { methods, schedules, recover } = asked;
    for (const method of methods) {
      for (const schedule of schedules) requireFittingOptions({ method, schedule, recover });
    }

    const data = await openData(values, context);
    await makeFolder(out);
    const model = await openModel(name, values, context);
    const { folder, decoding, batchSize } = matchData(model, data, context);
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
    const files = new Map([
      ['compare.json', `${JSON.stringify(result, null, 2)}\n`],
      ['compare.html', renderComparison(title, result)],
      ...[...plotComparison(title, result)].map(([plot, svg]) => [`${plot}.svg`, svg] as const),
      ...(asked.folds === undefined
        ? made.map(({ plan }, i) => [planFile(result.plans[i]!), formatPlan(plan)] as const)
        : []),
    ]);
    for (const [file, text] of files) await writeWhole('compare', join(out, file), [text]);
    return {
      json: { out, ...result },
      text: [
        comparisonTable(result),
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
const planFile = ({ method, schedule }: PlanFigures): string =>
  `${`${method}-${schedule}`.replace(/[^a-zA-Z0-9.]+/g, '-')}.plan.json`;

function comparisonTable({ dense, plans, activation }: Comparison): string {
  const isSigmoid = activation === 'sigmoid';
  const accuracyOf = ({ top1, mAP, intervals }: Pick<PlanFigures, 'top1' | 'mAP' | 'intervals'>): string =>
    isSigmoid ? formatPercent(mAP, undefined) : formatPercent(top1, intervals.top1);
  const accuracy = isSigmoid ? 'mAP' : 'top-1';
  const isEncoder = plans.some(({ embedding }) => embedding !== undefined);
  const divergence = divergenceColumns(isEncoder, activation);
  const labelled = isEncoder ? [] : [accuracy, 'change'];
  return table([
    ['method', 'schedule', 'MACs', ...labelled, ...divergence, 'speed-up'],
    [
      ...['dense', '', gigaMacs(dense.macs)],
      ...(isEncoder ? [] : [accuracyOf(dense), '']),
      ...[...divergence.map(() => ''), ''],
    ],
    ...plans.map((plan) => [
      ...[plan.method, plan.schedule, gigaMacs(plan.macs)],
      ...(isEncoder ? [] : [accuracyOf(plan), formatDifference(plan.change)]),
      ...divergenceCells(plan),
      formatSpeedup(plan.speedup, plan.spread),
    ]),
  ]);
}
