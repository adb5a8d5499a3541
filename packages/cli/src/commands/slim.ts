/** `patchslim slim`: the main job. Images in; plan, report and figures out. */

import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeThumbnail, splitExamples } from '@patchslim/datasets';
import {
  keptTokens,
  predict,
  renderReport,
  reportJson,
  summarizePlan,
  summarizePredictions,
  type Predictions,
  type ReportExample,
  type SlimReport,
} from '@patchslim/slimming';
import { formatPlan, type SlimPlan } from '@patchslim/slimming-schedules';
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
import { imagesWanted, makePlan } from '../make-plan.js';
import { planningHelp, planningOptions, planRequest, requireBackendOf } from '../plan-request.js';
import { integer, noMoreArguments, required, requiredArgument } from '../usage.js';

/** Images with pictures in the report. */
const pictures = 8;

export const slimCommand = defineCommand({
  name: 'slim',
  summary: 'Finds out which patches matter at every block and writes a slim plan and a report.',
  usage: 'slim MODEL --data DIR --out DIR [--weights SOURCE] [--schedule SPEC] [--estimator NAME] …',
  optionHelp: [
    weightsHelp,
    ...dataHelp,
    ['--out DIR', 'folder for plan.json, report.json, report.html and, with --recover, model'],
    ...planningHelp,
    ['--evaluate N', 'held-back images to evaluate on, at most (1000; 0 for none)'],
    labelsHelp,
    backendHelp,
  ],
  example: 'slim deit-tiny --weights deit_tiny_patch16_224.safetensors --data imagenet_sample --out out',
  options: {
    ...modelOptions,
    ...dataOptions,
    ...labelsOption,
    out: { type: 'string' },
    ...planningOptions,
    evaluate: { type: 'string', default: '1000' },
  },
  async run(positionals, values, context) {
    noMoreArguments(positionals, 1);
    const name = requiredArgument(positionals, 'MODEL');
    const out = required(values, 'out');
    const request = planRequest(values);
    const evaluated = integer('evaluate', values.evaluate, 0);

    await makeFolder(out);
    const data = await openData(values, context);
    const model = await openModel(name, values, context);
    requireBackendOf(request.schedule, model.backend.name);
    const { chosen, rest } = splitExamples(data.examples, imagesWanted(request, data), request.seed);
    const { batchSize } = data;
    const progress = join(out, 'progress');
    const { plan, adapted } = await makePlan(model, data, chosen, { ...request, progress }, context);
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
      examples: await picture(slimmedModel, data, plan, { dense, slimmed }, nameOf, context),
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
    shown.map(async ({ id, source, label }, i) => {
      return {
        id,
        kept: kept?.[i],
        jpeg: await decodeThumbnail(source, model.preprocessing, model.config.imageSize),
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
