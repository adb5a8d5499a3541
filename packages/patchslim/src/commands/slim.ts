/** `patchslim slim`: the main job. Images in; plan, report and figures out. */

import { join } from 'node:path';
import { folderSet, subset, type ImageSet } from '@patchslim/datasets';
import { describeStep, renderReport, reportJson, type SlimReport } from '@patchslim/report';
import { predictWithAll, slim, summarizePair, type Slimmed } from '@patchslim/slimming';
import { zeroShot } from '@patchslim/slimming/internal';
import { blocksFor, formatPlan } from '@patchslim/slimming-schedules';
import { range } from '@patchslim/tensor';
import { writeWhole } from '@patchslim/tensor/files';
import { describePreprocessing, saveCheckpoint, type VitModel } from '@patchslim/vit-models';
import { classNames } from '../class-names.js';
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
  type ImageData,
} from '../inputs.js';
import {
  drawHelp,
  drawOptions,
  methodHelp,
  readDraw,
  readMethod,
  readRecovery,
  readSchedule,
  recoverHelp,
  recoverOption,
  requireFittingOptions,
  scheduleHelp,
} from '../plan-options.js';
import { reportExamples } from '../report-examples.js';
import { slimTable } from '../slim-table.js';
import { openText, textHelp, textOptions } from '../text-embeddings.js';
import { integer, noMoreArguments, required, requiredArgument } from '../usage.js';

export const slimCommand = defineCommand({
  name: 'slim',
  summary: 'Finds out which patches matter in each block; writes a slim plan and a report.',
  usage:
    'slim MODEL --data DIR --out DIR [--weights SOURCE] [--method SPEC] [--schedule SPEC] [--recover SPEC] …',
  optionHelp: [
    ...weightsHelp,
    ...dataHelp,
    [
      '--out DIR',
      'folder for plan.json, report.json, report.html and, with --recover, the folder model\nan interrupted run keeps its finished parts in DIR/progress; the same command goes on from there',
    ],
    methodHelp,
    scheduleHelp,
    recoverHelp,
    ...drawHelp,
    ...textHelp,
    ['--evaluate N', 'judge on at most N images (1000; 0 for none)'],
    backendHelp,
  ],
  example: 'slim deit-tiny --weights deit_tiny_patch16_224.safetensors --data imagenet_sample --out out',
  options: {
    ...modelOptions,
    ...dataOptions,
    out: { type: 'string' },
    method: { type: 'string' },
    schedule: { type: 'string' },
    ...recoverOption,
    ...drawOptions,
    ...textOptions,
    evaluate: { type: 'string', default: '1000' },
  },
  async run(positionals, values, context) {
    noMoreArguments(positionals, 1);
    const name = requiredArgument(positionals, 'MODEL');
    const out = required(values, 'out');
    const asked = {
      method: values.method === undefined ? undefined : readMethod('method', values.method),
      schedule:
        values.schedule === undefined ? undefined : readSchedule('schedule', values.schedule, values.backend),
      recover: readRecovery(values.recover),
      ...readDraw(values),
    };
    const evaluated = integer('evaluate', values.evaluate, 0);
    requireFittingOptions(asked);

    const text = await openText(values);
    const opened = await openData(values, context);
    await makeFolder(out);
    const model = await openModel(name, values, context);
    const data = matchData(model, opened, context, text);
    const options = { ...context, batchSize: data.batchSize };
    const result = await slim(model, data.folder, {
      ...options,
      ...data.decoding,
      ...asked,
      resume: join(out, 'progress'),
      onStep: (step) => context.note(describeStep(step)),
    });
    const { plan, adapted, model: slimmed } = result;
    const paths = {
      plan: join(out, 'plan.json'),
      ...(adapted && { model: join(out, 'model') }),
      reportJson: join(out, 'report.json'),
      reportHtml: join(out, 'report.html'),
    };
    // At once: what follows may fail without losing it.
    if (adapted) await saveCheckpoint(join(out, 'model'), adapted);
    await writeWhole('slim', paths.plan, [formatPlan(plan)]);
    await result.forget();

    const { images, heldBack } = judging(model, data, result, evaluated);
    const networks = [{ model }, { model: slimmed.model, plan: blocksFor(plan, slimmed.model) }] as const;
    const [dense, under] = await predictWithAll(networks, images, options);
    const predictions = { dense: dense!, slimmed: under! };
    const names = text
      ? classNames(text.classes, text.names)
      : classNames(model.config.classes, model.labels, data.folder.classNames);
    const shown = text ? { dense: zeroShot(dense!, text), slimmed: zeroShot(under!, text) } : predictions;
    const report: SlimReport = {
      plan,
      config: model.config,
      ...(images.count > 0 && {
        evaluation: { heldBack, ...summarizePair(predictions.dense, predictions.slimmed, text) },
      }),
      examples: await reportExamples(slimmed, data.folder, shown, names, options),
    };
    await slimmed.close();
    const json = reportJson(report);
    await writeWhole('slim', paths.reportJson, [`${JSON.stringify(json, null, 2)}\n`]);
    await writeWhole('slim', paths.reportHtml, [renderReport(report)]);
    const { method, schedule, macs } = plan.provenance;
    const preprocessing = describePreprocessing(model.preprocessing);
    const counts = json.blocks.map((block) => block.tokensKept);
    return {
      json: { method, schedule, macs, counts, evaluation: report.evaluation, preprocessing, paths },
      text: [slimTable(report), `preprocessing: ${preprocessing}`, '', ...Object.values(paths)].join('\n'),
    };
  },
});

/** The images that judge: those that had no part in the plan; all images where none is left. */
function judging(
  model: VitModel,
  { folder, decoding }: ImageData,
  { unseen }: Slimmed,
  most: number,
): { readonly images: ImageSet; readonly heldBack: boolean } {
  const heldBack = unseen !== undefined && unseen.count > 0;
  const images = heldBack ? unseen : folderSet(folder, model, decoding);
  return { images: subset(images, range(Math.min(most, images.count))), heldBack };
}
