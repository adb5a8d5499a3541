/** `patchslim slim`: the main job. Images in; plan, report and figures out. */

import { join } from 'node:path';
import { decodeThumbnail, splitExamples, type ImageExample } from '@patchslim/datasets';
import { findEstimator } from '@patchslim/importance-estimators';
import {
  predict,
  renderReport,
  reportJson,
  slim,
  summarizePlan,
  summarizePredictions,
  type Predictions,
  type ReportExample,
  type SlimReport,
} from '@patchslim/slimming';
import { formatPlan, parseSchedule } from '@patchslim/slimming-schedules';
import { findByName } from '@patchslim/tensor';
import { writeWhole } from '@patchslim/tensor/files';
import type { VitModel } from '@patchslim/vit-models';
import { classNames, type ClassName, labelsHelp, labelsOption } from '../class-names.js';
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
import { gigaMacs, percent, table } from '../table.js';
import { asUsage, integer, noMoreArguments, oneOf, required, requiredArgument } from '../usage.js';

/** Methods by name; each brings its own way to a plan. */
const methods = [{ name: 'patch-slimming' }] as const;

/** Loses little without any learning: docs/experiments.md says how it was found. */
const defaultSchedule = 'top-down:tolerance=0.005';

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
    ['--method NAME', 'patch-slimming (default)'],
    ['--images N', 'images to calibrate on, drawn with the seed (256)'],
    ['--estimator NAME', 'impact (default), class-attention, attention-received, attention-norm, rollout, …'],
    [
      '--attention MODE',
      'slimmed: score with deeper blocks already slimmed, as the paper; dense: one pass (default)',
    ],
    ['--schedule SPEC', `counts:197,…,1 | keep-ratio:0.7@4,7,10 | top-down:tolerance=… (${defaultSchedule})`],
    ['--keys compact|all', 'removed tokens leave the network (default), or go on serving as keys and values'],
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
    schedule: { type: 'string', default: defaultSchedule },
    keys: { type: 'string', default: 'compact' },
    evaluate: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '0' },
  },
  async run(positionals, values, context) {
    noMoreArguments(positionals, 1);
    const name = requiredArgument(positionals, 'MODEL');
    const out = required(values, 'out');
    asUsage('method', () => findByName(methods, values.method, 'method'));
    const estimator = asUsage('estimator', () => findEstimator(values.estimator));
    const schedule = asUsage('schedule', () => parseSchedule(values.schedule));
    const attention = oneOf('attention', values.attention, ['dense', 'slimmed']);
    const keys = oneOf('keys', values.keys, ['compact', 'all']);
    const count = integer('images', values.images, 1);
    const evaluated = integer('evaluate', values.evaluate, 0);
    const seed = integer('seed', values.seed, 0);

    await makeFolder(out);
    const data = await openData(values, context);
    const model = await openModel(name, values, context);
    const { chosen, rest } = splitExamples(data.examples, Math.min(count, data.examples.length), seed);
    const { batchSize } = data;
    const options = { ...context, estimator, schedule, attention, keys, seed, batchSize };
    const plan = await slim(model, data.images(model, chosen), options);
    const paths = {
      plan: join(out, 'plan.json'),
      reportJson: join(out, 'report.json'),
      reportHtml: join(out, 'report.html'),
    };
    await writeWhole('slim', paths.plan, [formatPlan(plan)]); // at once: what follows may fail without losing it

    const heldBack = rest.length > 0;
    if (!heldBack) context.note('no image was held back: the figures below are on the calibration images');
    const shown = data.images(model, (heldBack ? rest : chosen).slice(0, evaluated));
    const dense = await predict(model, shown, { ...context, batchSize });
    const slimmed = await predict(model, shown, { ...context, batchSize, plan: plan.blocks });
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
      examples: await picture(model, data.examples, { dense, slimmed }, nameOf),
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

/** The first images of an evaluation, for the report. */
function picture(
  model: VitModel,
  examples: readonly ImageExample[],
  { dense, slimmed }: { readonly dense: Predictions; readonly slimmed: Predictions },
  nameOf: ClassName,
): Promise<ReportExample[]> {
  const exampleOf = new Map(examples.map((example) => [example.id, example]));
  return Promise.all(
    dense.ids.slice(0, pictures).map(async (id, i) => {
      const { path, label } = exampleOf.get(id)!;
      return {
        id,
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
