/** `patchslim slim`: the main job. Images in; plan, report and figures out. */

import { join } from 'node:path';
import { decodeThumbnail, splitExamples } from '@patchslim/datasets';
import {
  differenceWithin,
  percentWithin,
  renderReport,
  reportJson,
  type ReportExample,
  type SlimReport,
} from '@patchslim/report';
import { keptTokens, predict, summarizePair, type Predictions } from '@patchslim/slimming';
import { blocksFor, formatPlan } from '@patchslim/slimming-schedules';
import { writeWhole } from '@patchslim/tensor/files';
import {
  choosesAtRunTime,
  placeModel,
  saveCheckpoint,
  type BlockPlan,
  type VitModel,
} from '@patchslim/vit-models';
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
import { gigaMacs, table } from '../table.js';
import { imagesWanted, makePlan, removeProgress } from '../make-plan.js';
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
    const { chosen: drawn, rest } = splitExamples(data.examples, imagesWanted(request, data), request.seed);
    const { batchSize } = data;
    const chosen = await data.readable(model, drawn);
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
    await removeProgress(model, plan, { ...request, progress });

    const heldBack = rest.length > 0;
    const shown = data.images(model, (heldBack ? rest : chosen).slice(0, evaluated));
    const dense = await predict(model, shown, { ...context, batchSize });
    const slimmedModel = adapted ? placeModel(model.backend, adapted) : model;
    const blocks = blocksFor(plan, slimmedModel);
    const slimmed = await predict(slimmedModel, shown, { ...context, batchSize, plan: blocks });
    const nameOf = await classNames(values.labels, model.labels, data.classNames);
    const report: SlimReport = {
      plan,
      config: model.config,
      ...(shown.count > 0 && {
        evaluation: { heldBack, ...summarizePair(dense, slimmed) },
      }),
      examples: await picture(slimmedModel, data, blocks, { dense, slimmed }, nameOf, context),
    };
    const json = reportJson(report);
    await writeWhole('slim', paths.reportJson, [`${JSON.stringify(json, null, 2)}\n`]);
    await writeWhole('slim', paths.reportHtml, [renderReport(report)]);
    const { macs } = plan.provenance;
    const counts = json.blocks.map((block) => block.tokensKept);
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
  blocks: readonly BlockPlan[],
  { dense, slimmed }: { readonly dense: Predictions; readonly slimmed: Predictions },
  nameOf: ClassName,
  context: CommandContext,
): Promise<ReportExample[]> {
  const exampleOf = new Map(data.examples.map((example) => [example.id, example]));
  const shown = dense.ids.slice(0, pictures).map((id) => exampleOf.get(id)!);
  const { batchSize } = data;
  const kept = choosesAtRunTime(blocks)
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
  const { dense, slimmed, change, heldBack } = evaluation;
  const share = (name: string, figure: 'top1' | 'top5' | 'agreement'): string[] => {
    const sides = [dense, slimmed].map((side) => {
      const value = side[figure];
      return value === undefined ? '' : percentWithin(value, side.intervals[figure]);
    });
    const paired = figure === 'agreement' ? undefined : change?.[figure];
    return [name, ...sides, differenceWithin(paired)];
  };
  return [
    table([
      ...(change ? [[...cost[0]!, 'change'], cost[1]!] : cost),
      ...(change ? [share('top-1', 'top1'), share('top-5', 'top5')] : []),
      share('same class as dense', 'agreement'),
      ['images/s', dense.imagesPerSecond.toFixed(1), slimmed.imagesPerSecond.toFixed(1)],
    ]),
    '',
    `${heldBack ? `On ${slimmed.images} images that had no part in the plan` : `On the ${slimmed.images} images that chose the plan, as none was left to judge it: new images may do worse`}; in brackets 95 % intervals.`,
  ].join('\n');
}
