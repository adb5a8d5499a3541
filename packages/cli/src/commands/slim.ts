/** `patchslim slim`: the main job. Images in; plan, report and figures out. */

import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeThumbnail, splitExamples, type ImageExample } from '@patchslim/datasets';
import { findEstimator } from '@patchslim/importance-estimators';
import {
  keptTokens,
  parseRecovery,
  predict,
  recoveryFormats,
  renderReport,
  reportJson,
  runtimeMethods,
  slim,
  slimAtRunTime,
  slimDynamic,
  summarizePlan,
  summarizePredictions,
  type Predictions,
  type ReportExample,
  type Slimmed,
  type SlimReport,
} from '@patchslim/slimming';
import {
  formatPlan,
  parseSchedule,
  scheduleFormats,
  type Schedule,
  type SlimPlan,
} from '@patchslim/slimming-schedules';
import { findByName } from '@patchslim/tensor';
import { writeWhole } from '@patchslim/tensor/files';
import { placeModel, saveCheckpoint, type VitModel } from '@patchslim/vit-models';
import { classNames, type ClassName, labelsHelp, labelsOption } from '../class-names.js';
import { defineCommand, type CommandContext } from '../command.js';
import { makeFolder } from '../files.js';
import {
  backendHelp,
  dataHelp,
  dataOptions,
  modelOptions,
  openData,
  openModel,
  weightsHelp,
  type ImageData,
} from '../inputs.js';
import { gigaMacs, percent, table } from '../table.js';
import {
  asUsage,
  integer,
  noMoreArguments,
  oneOf,
  required,
  requiredArgument,
  UsageError,
} from '../usage.js';

/** Methods by name; each brings its own way to a plan. */
const methods = [
  { name: 'patch-slimming', summary: 'the same patches for all images' },
  { name: 'dps', summary: 'those of each image that a predictor has learned to choose' },
  ...runtimeMethods,
];

/** Loses little without any learning: docs/guide/experiments.md says how it was found. */
const defaultSchedule = 'top-down:tolerance=0.005';

/** Of a method that chooses image by image. */
const defaultBudget = 'budget:0.5';

/** Images with pictures in the report. */
const pictures = 8;

export const slimCommand = defineCommand({
  name: 'slim',
  summary: 'Finds out which patches matter at every block and writes a slim plan and a report.',
  usage: 'slim MODEL --data DIR --out DIR [--weights SOURCE] [--schedule SPEC] [--estimator NAME] …',
  optionHelp: [
    weightsHelp,
    ...dataHelp,
    ['--out DIR', 'folder for plan.json, report.json and report.html'],
    [
      '--method NAME',
      `patch-slimming (default) | ${methods
        .slice(1)
        .map(({ name, summary }) => `${name}: ${summary}`)
        .join(' | ')}`,
    ],
    ['--images N', 'images to calibrate on, drawn with the seed (256)'],
    ['--estimator NAME', 'impact (default), class-attention, attention-received, attention-norm, rollout, …'],
    [
      '--attention MODE',
      'slimmed: score with deeper blocks already slimmed, as the paper; dense: one pass (default)',
    ],
    [
      '--schedule SPEC',
      `${scheduleFormats.map(({ usage }) => usage).join(' | ')}; default: ${defaultSchedule}, with a method that chooses image by image half of the dense cost, or what its paper does`,
    ],
    ['--keys compact|all', 'removed tokens leave the network (default), or go on serving as keys and values'],
    [
      '--recover SPEC',
      `none (default), or ways to adapt the weights, joined by +: ${recoveryFormats.map(({ usage }) => usage).join(' | ')}`,
    ],
    ['--evaluate N', 'held-back images to evaluate on, at most (1000; 0 for none)'],
    ['--seed N', 'seed of every draw (0)'],
    labelsHelp,
    backendHelp,
  ],
  example: 'slim deit-tiny --weights deit_tiny_patch16_224.safetensors --data imagenet_sample --out out',
  options: {
    ...modelOptions,
    ...dataOptions,
    ...labelsOption,
    out: { type: 'string' },
    method: { type: 'string', default: 'patch-slimming' },
    images: { type: 'string', default: '256' },
    estimator: { type: 'string', default: 'impact' },
    attention: { type: 'string', default: 'dense' },
    schedule: { type: 'string' },
    keys: { type: 'string', default: 'compact' },
    recover: { type: 'string', default: 'none' },
    evaluate: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '0' },
  },
  async run(positionals, values, context) {
    noMoreArguments(positionals, 1);
    const name = requiredArgument(positionals, 'MODEL');
    const out = required(values, 'out');
    const method = asUsage('method', () => findByName(methods, values.method, 'method')).name;
    const estimator = asUsage('estimator', () => findEstimator(values.estimator));
    const runtimeMethod = runtimeMethods.find(({ name }) => name === method);
    const spec = values.schedule ?? (method === 'dps' ? defaultBudget : defaultSchedule);
    const schedule = asUsage('schedule', () => parseSchedule(spec));
    const recovery = asUsage('recover', () => parseRecovery(values.recover));
    const attention = oneOf('attention', values.attention, ['dense', 'slimmed']);
    const keys = oneOf('keys', values.keys, ['compact', 'all']);
    const count = integer('images', values.images, 1);
    const evaluated = integer('evaluate', values.evaluate, 0);
    const seed = integer('seed', values.seed, 0);
    if (method !== 'patch-slimming') requireOptionsOf(method, values);
    if (method === 'dps' || (runtimeMethod && values.schedule)) requireKnownCounts(method, schedule);

    await makeFolder(out);
    const data = await openData(values, context);
    const model = await openModel(name, values, context);
    const calibrating = runtimeMethod ? 0 : Math.min(count, data.examples.length);
    const { chosen, rest } = splitExamples(data.examples, calibrating, seed);
    const { batchSize } = data;
    const progress = join(out, 'progress');
    const options = { ...context, estimator, schedule, attention, keys, seed, batchSize, recovery, progress };
    const { learn, heldBack: judging } = splitForRecovery(chosen, recovery.length > 0, seed);
    const calibration = data.images(model, learn);
    const { plan, adapted }: Slimmed = runtimeMethod
      ? { plan: slimAtRunTime(model, runtimeMethod, values.schedule ? schedule : undefined) }
      : method === 'dps'
        ? await slimDynamic(model, calibration, options)
        : await slim(model, calibration, {
            ...options,
            heldBack: judging && data.images(model, judging),
          });
    const paths = {
      plan: join(out, 'plan.json'),
      ...(adapted ? { model: join(out, 'model') } : {}),
      reportJson: join(out, 'report.json'),
      reportHtml: join(out, 'report.html'),
    };
    // At once: what follows may fail without losing it.
    if (adapted) await saveCheckpoint(join(out, 'model'), adapted);
    await writeWhole('slim', paths.plan, [formatPlan(plan)]);
    await rm(progress, { recursive: true, force: true });

    const heldBack = rest.length > 0;
    if (!heldBack) context.note('no image was held back: the figures below are on the calibration images');
    const shown = data.images(model, (heldBack ? rest : chosen).slice(0, evaluated));
    const dense = await predict(model, shown, { ...context, batchSize });
    const slimmedModel = adapted ? placeModel(model.backend, adapted) : model;
    const slimmed = await predict(slimmedModel, shown, { ...context, batchSize, plan: plan.blocks });
    const nameOf = await classNames(values.labels, model.labels, data.classNames);
    const report: SlimReport = {
      plan,
      config: model.config,
      ...(shown.count > 0 && {
        evaluation: {
          heldBack,
          dense: summarizePredictions(dense),
          slimmed: summarizePredictions(slimmed, dense),
        },
      }),
      examples: await picture(model, data, plan, { dense, slimmed }, nameOf, context),
    };
    await writeWhole('slim', paths.reportJson, [`${JSON.stringify(reportJson(report), null, 2)}\n`]);
    await writeWhole('slim', paths.reportHtml, [renderReport(report)]);
    const { macs } = plan.provenance;
    const counts = summarizePlan(model.config, plan.blocks).blocks.map((block) => block.tokensKept);
    return {
      json: { macs, counts, evaluation: report.evaluation, paths },
      text: [figures(report), '', ...Object.values(paths)].join('\n'),
    };
  },
});

/** @throws UsageError for what a method that chooses image by image cannot be asked for */
function requireOptionsOf(
  method: string,
  values: Readonly<Record<'estimator' | 'attention' | 'keys' | 'recover', string>>,
): void {
  const only = { estimator: 'impact', attention: 'dense', keys: 'compact', recover: 'none' } as const;
  for (const option of ['estimator', 'attention', 'keys', 'recover'] as const) {
    if (values[option] === only[option]) continue;
    throw new UsageError(`--${option}: ${method} knows '${only[option]}' only, got '${values[option]}'`);
  }
}

function requireKnownCounts(method: string, schedule: Schedule): void {
  if (schedule.counts) return;
  throw new UsageError(
    `--schedule: ${method} needs one whose counts are known beforehand (budget:…, constant:…, counts:…, keep-ratio:…), got '${schedule.spec}'`,
  );
}

/** An eighth of the calibration images judges what a recovery has learned from the others. */
function splitForRecovery(
  examples: readonly ImageExample[],
  recovers: boolean,
  seed: number,
): { learn: readonly ImageExample[]; heldBack?: readonly ImageExample[] } {
  if (!recovers) return { learn: examples };
  if (examples.length < 2) throw new UsageError('--recover: expected at least 2 calibration images, got 1');
  const judging = Math.max(1, Math.round(examples.length / 8));
  const { chosen: heldBack, rest: learn } = splitExamples(examples, judging, seed);
  return { learn, heldBack };
}

/** The first images of an evaluation, for the report. */
async function picture(
  model: VitModel,
  data: ImageData,
  { blocks }: SlimPlan,
  { dense, slimmed }: { readonly dense: Predictions; readonly slimmed: Predictions },
  nameOf: ClassName,
  context: CommandContext,
): Promise<ReportExample[]> {
  const exampleOf = new Map(data.examples.map((example) => [example.id, example]));
  const shown = dense.ids.slice(0, pictures).map((id) => exampleOf.get(id)!);
  const { batchSize } = data;
  const kept = blocks.some((entry) => 'count' in entry)
    ? await keptTokens(model, data.images(model, shown), { ...context, plan: blocks, batchSize })
    : undefined;
  return Promise.all(
    shown.map(async ({ id, path, label }, i) => {
      return {
        id,
        kept: kept?.[i],
        jpeg: await decodeThumbnail(path, model.preprocessing, model.config.imageSize),
        ...(label !== undefined && { label: nameOf(label) }),
        dense: nameOf(dense.classes[i]!),
        slimmed: nameOf(slimmed.classes[i]!),
      };
    }),
  );
}

function figures({ plan, evaluation }: SlimReport): string {
  const { macs } = plan.provenance;
  const cost = [
    ['', 'dense', 'slimmed'],
    ['MACs', gigaMacs(macs.dense), gigaMacs(macs.slimmed)],
  ];
  if (!evaluation) return table(cost);
  const { dense, slimmed } = evaluation;
  return table([
    ...cost,
    ['top-1', percent(dense.top1), percent(slimmed.top1)],
    ['top-5', percent(dense.top5), percent(slimmed.top5)],
    ['same class as dense', '', percent(slimmed.agreement)],
    ['images/s', dense.imagesPerSecond.toFixed(1), slimmed.imagesPerSecond.toFixed(1)],
  ]);
}
