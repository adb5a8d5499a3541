/** `patchslim slim`: the main job. Images in; plan, report and figures out. */

import { join } from 'node:path';
import { decodeThumbnail, splitExamples, type ImageExample } from '@patchslim/datasets';
import { findEstimator } from '@patchslim/importance-estimators';
import {
  imageSet,
  predict,
  renderReport,
  reportJson,
  slim,
  summarizePredictions,
  type ReportExample,
} from '@patchslim/slimming';
import { formatPlan, parseSchedule } from '@patchslim/slimming-schedules';
import { findByName } from '@patchslim/tensor';
import { openBackend } from '../backends.js';
import { classNames, labelsHelp, labelsOption } from '../class-names.js';
import { defineCommand } from '../command.js';
import { makeFolder, writeAtomically } from '../files.js';
import {
  backendHelp,
  backendOption,
  dataHelp,
  dataOptions,
  decoding,
  loadModel,
  openData,
  weightsHelp,
  weightsOption,
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
    ['--batch N', 'images at a time (8)'],
    ['--seed N', 'seed of every draw (0)'],
    labelsHelp,
    backendHelp,
  ],
  example: 'slim deit-tiny --weights deit_tiny_patch16_224.safetensors --data imagenet_sample --out out',
  options: {
    ...weightsOption,
    ...dataOptions,
    ...backendOption,
    ...labelsOption,
    out: { type: 'string' },
    method: { type: 'string', default: 'patch-slimming' },
    images: { type: 'string', default: '256' },
    estimator: { type: 'string', default: 'impact' },
    attention: { type: 'string', default: 'dense' },
    schedule: { type: 'string', default: defaultSchedule },
    keys: { type: 'string', default: 'compact' },
    evaluate: { type: 'string', default: '1000' },
    batch: { type: 'string', default: '8' },
    seed: { type: 'string', default: '0' },
  },
  async run(positionals, values, context) {
    noMoreArguments(positionals, 1);
    const name = requiredArgument(positionals, 'MODEL');
    const directory = required(values, 'data');
    const out = required(values, 'out');
    asUsage('method', () => findByName(methods, values.method, 'method'));
    const estimator = asUsage('estimator', () => findEstimator(values.estimator));
    const schedule = asUsage('schedule', () => parseSchedule(values.schedule));
    const attention = oneOf('attention', values.attention, ['dense', 'slimmed']);
    const keys = oneOf('keys', values.keys, ['compact', 'all']);
    const corrupt = oneOf('corrupt', values.corrupt, ['error', 'skip']);
    const count = integer('images', values.images, 1);
    const evaluated = integer('evaluate', values.evaluate, 0);
    const batchSize = integer('batch', values.batch, 1);
    const seed = integer('seed', values.seed, 0);

    await makeFolder(out);
    const folder = await openData(directory, context);
    const backend = await openBackend(values.backend);
    const model = await loadModel(name, values.weights, backend, context);
    const { chosen, rest } = splitExamples(folder.examples, Math.min(count, folder.examples.length), seed);
    const open = (examples: readonly ImageExample[]) =>
      imageSet(folder.name, examples, model.preprocessing, decoding(corrupt, context));

    const options = { ...context, estimator, schedule, attention, keys, seed, batchSize };
    const plan = await slim(model, open(chosen), options);
    const paths = {
      plan: join(out, 'plan.json'),
      reportJson: join(out, 'report.json'),
      reportHtml: join(out, 'report.html'),
    };
    await writeAtomically(paths.plan, formatPlan(plan));

    const heldBack = rest.length > 0;
    if (!heldBack) context.note('no image was held back: the figures below are on the calibration images');
    const shown = (heldBack ? rest : chosen).slice(0, evaluated);
    const dense = await predict(model, open(shown), { ...context, batchSize });
    const slimmed = await predict(model, open(shown), { ...context, batchSize, plan: plan.blocks });
    const evaluation =
      shown.length === 0
        ? undefined
        : { heldBack, dense: summarizePredictions(dense), slimmed: summarizePredictions(slimmed, dense) };
    const nameOf = await classNames(values.labels, model.labels, folder.classNames);
    const examples = await Promise.all(
      shown.slice(0, pictures).map(async (example, i): Promise<ReportExample> => ({
        id: example.id,
        jpeg: await decodeThumbnail(example.path, model.preprocessing, 224),
        ...(example.label === undefined ? {} : { label: nameOf(example.label) }),
        dense: nameOf(dense.classes[i]!),
        slimmed: nameOf(slimmed.classes[i]!),
      })),
    );
    const report = { plan, config: model.config, evaluation, examples };
    await writeAtomically(paths.reportJson, `${JSON.stringify(reportJson(report), null, 2)}\n`);
    await writeAtomically(paths.reportHtml, renderReport(report));

    const { macs } = plan.provenance;
    return {
      json: {
        macs,
        counts: plan.blocks.map((block) => (block.kind === 'keep' ? block.keep.length : null)),
        evaluation,
        paths,
      },
      text: [
        table([
          ['', 'dense', 'slimmed'],
          ['MACs', gigaMacs(macs.dense), gigaMacs(macs.slimmed)],
          ...(evaluation
            ? [
                ['top-1', percent(evaluation.dense.top1), percent(evaluation.slimmed.top1)],
                ['top-5', percent(evaluation.dense.top5), percent(evaluation.slimmed.top5)],
                ['same class as dense', '', percent(evaluation.slimmed.agreement)],
                [
                  'images/s',
                  evaluation.dense.imagesPerSecond.toFixed(1),
                  evaluation.slimmed.imagesPerSecond.toFixed(1),
                ],
              ]
            : []),
        ]),
        '',
        ...Object.values(paths),
      ].join('\n'),
    };
  },
});
