/** `patchslim slim`: the main job. Images in; plan, report and figures out. */

import { join } from 'node:path';
import { decodeThumbnail, folderSet, subset, type ImageFolder, type ImageSet } from '@patchslim/datasets';
import {
  describeStep,
  formatDifference,
  formatPercent,
  renderReport,
  reportJson,
  type ReportExample,
  type SlimReport,
} from '@patchslim/report';
import {
  keptTokens,
  predictWithAll,
  slim,
  summarizePair,
  type Predictions,
  type Slimmed,
} from '@patchslim/slimming';
import { readRequest } from '@patchslim/slimming/internal';
import { blocksFor, formatPlan } from '@patchslim/slimming-schedules';
import { range } from '@patchslim/tensor';
import { writeWhole } from '@patchslim/tensor/files';
import { choosesAtRunTime, saveCheckpoint, type VitModel } from '@patchslim/vit-models';
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
  scheduleHelp,
} from '../plan-options.js';
import { gigaMacs, table } from '../table.js';
import { asUsage, integer, noMoreArguments, required, requiredArgument } from '../usage.js';

/** Images with pictures in the report. */
const pictures = 8;

export const slimCommand = defineCommand({
  name: 'slim',
  summary: 'Finds out which patches matter at every block and writes a slim plan and a report.',
  usage:
    'slim MODEL --data DIR --out DIR [--weights SOURCE] [--method SPEC] [--schedule SPEC] [--recover SPEC] …',
  optionHelp: [
    weightsHelp,
    ...dataHelp,
    ['--out DIR', 'folder for plan.json, report.json, report.html and, with --recover, model'],
    methodHelp,
    scheduleHelp,
    recoverHelp,
    ...drawHelp,
    ['--evaluate N', 'images that judge, at most (1000; 0 for none)'],
    labelsHelp,
    backendHelp,
  ],
  example: 'slim deit-tiny --weights deit_tiny_patch16_224.safetensors --data imagenet_sample --out out',
  options: {
    ...modelOptions,
    ...dataOptions,
    ...labelsOption,
    out: { type: 'string' },
    method: { type: 'string' },
    schedule: { type: 'string' },
    ...recoverOption,
    ...drawOptions,
    evaluate: { type: 'string', default: '1000' },
  },
  async run(positionals, values, context) {
    noMoreArguments(positionals, 1);
    const name = requiredArgument(positionals, 'MODEL');
    const out = required(values, 'out');
    const asked = {
      method: readMethod(values.method),
      schedule: values.schedule === undefined ? undefined : readSchedule(values.schedule, values.backend),
      recover: readRecovery(values.recover),
      ...readDraw(values),
    };
    const evaluated = integer('evaluate', values.evaluate, 0);
    asUsage('method', () => readRequest(asked)); // what does not fit together costs no download

    await makeFolder(out);
    const data = await openData(values, context);
    const model = await openModel(name, values, context);
    const { batchSize } = data;
    const result = await slim(model, data.folder, {
      ...{ ...context, ...data.decoding, ...asked, batchSize },
      resume: join(out, 'progress'),
      onStep: (step) => context.note(describeStep(step)),
    });
    const { plan, adapted, model: slimmed } = result;
    const paths = {
      plan: join(out, 'plan.json'),
      ...(adapted ? { model: join(out, 'model') } : {}),
      reportJson: join(out, 'report.json'),
      reportHtml: join(out, 'report.html'),
    };
    // At once: what follows may fail without losing it.
    if (adapted) await saveCheckpoint(join(out, 'model'), adapted);
    await writeWhole('slim', paths.plan, [formatPlan(plan)]);
    await result.forget();

    const { images, heldBack } = judging(model, data, result, evaluated);
    const blocks = blocksFor(plan, slimmed.model);
    const networks = [{ model }, { model: slimmed.model, plan: blocks }];
    const [dense, under] = await predictWithAll(networks, images, { ...context, batchSize });
    const nameOf = await classNames(values.labels, model.labels, data.folder.classNames);
    const report: SlimReport = {
      plan,
      config: model.config,
      ...(images.count > 0 && { evaluation: { heldBack, ...summarizePair(dense!, under!) } }),
      examples: await picture(result, data.folder, { dense: dense!, slimmed: under! }, nameOf, {
        ...context,
        batchSize,
      }),
    };
    await slimmed.close();
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

/** The first images of an evaluation, for the report. */
async function picture(
  { plan, model: { model } }: Slimmed,
  folder: ImageFolder,
  { dense, slimmed }: { readonly dense: Predictions; readonly slimmed: Predictions },
  nameOf: ClassName,
  context: CommandContext & { readonly batchSize: number },
): Promise<ReportExample[]> {
  const exampleOf = new Map(folder.examples.map((example) => [example.id, example]));
  const examples = dense.ids.slice(0, pictures).map((id) => exampleOf.get(id)!);
  const blocks = blocksFor(plan, model);
  const kept = choosesAtRunTime(blocks)
    ? await keptTokens(model, folderSet({ ...folder, examples }, model), { ...context, plan: blocks })
    : undefined;
  return Promise.all(
    examples.map(async ({ id, source, label }, i) => {
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
      return value === undefined ? '' : formatPercent(value, side.intervals[figure]);
    });
    const paired = figure === 'agreement' ? undefined : change?.[figure];
    return [name, ...sides, formatDifference(paired)];
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
