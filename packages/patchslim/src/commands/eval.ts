/** `patchslim eval`: accuracy and speed on an image folder. */

import { vitMacs } from '@patchslim/flop-counter';
import { embeddingRows, figureNames, formatPercent, shareOf } from '@patchslim/report';
import { evaluate, type Evaluation } from '@patchslim/slimming';
import { describePreprocessing, givesEmbedding, type VitModel } from '@patchslim/vit-models';
import { classNames } from '../class-names.js';
import { defineCommand } from '../command.js';
import {
  backendHelp,
  dataHelp,
  dataOptions,
  firstImages,
  matchData,
  modelOptions,
  openData,
  openModel,
  planFor,
  planHelp,
  planOption,
  weightsHelp,
} from '../inputs.js';
import { gigaMacs, table } from '../table.js';
import { openText, textHelp, textOptions } from '../text-embeddings.js';
import { integer, noMoreArguments, requiredArgument } from '../usage.js';

export const evalCommand = defineCommand({
  name: 'eval',
  summary:
    'Measures accuracy (top-1 and top-5; mAP for several labels an image), or agreement with the dense model where there are no labels or classes, and speed.',
  usage:
    'eval MODEL --data DIR [--weights SOURCE] [--plan FILE] [--labels FILE] [--text-embeddings FILE] [--limit N] [--batch N] [--backend NAME]',
  optionHelp: [
    ...weightsHelp,
    ...dataHelp,
    planHelp,
    ...textHelp,
    ['--limit N', 'only the first N images'],
    backendHelp,
  ],
  example: 'eval deit-tiny --weights deit_tiny_patch16_224.safetensors --data imagenet_sample --limit 100',
  options: {
    ...modelOptions,
    ...dataOptions,
    ...planOption,
    ...textOptions,
    limit: { type: 'string' },
  },
  async run(positionals, values, context) {
    noMoreArguments(positionals, 1);
    const name = requiredArgument(positionals, 'MODEL');
    const limit = values.limit === undefined ? undefined : integer('limit', values.limit, 1);
    const text = await openText(values);
    const opened = await openData(values, context);
    const model = await openModel(name, values, context);
    const data = matchData(model, opened, context, text);
    const plan = await planFor(model, values.plan);
    const { batchSize } = data;
    const images = firstImages(model, data, limit);
    const result = await evaluate(model, images, { ...context, plan, batchSize, text });
    const preprocessing = describePreprocessing(model.preprocessing);
    const macs = vitMacs(model.config, plan).total;
    const names = figureNames(result);
    const share = (figure: 'top1' | 'top5' | 'mAP' | 'agreement'): string =>
      formatPercent(...shareOf(result, figure));
    return {
      json: {
        ...{ model: model.config.name, backend: model.backend.name, batch: batchSize, macs, ...result },
        preprocessing,
      },
      text: `${table([
        ['images', String(result.images)],
        ...names.accuracy
          .filter(([, key]) => result[key] !== undefined || !givesEmbedding(model.config))
          .map(([figure, key]) => [figure, share(key)]),
        ...(result.agreement === undefined ? [] : [[names.agreement, share('agreement')]]),
        ...embeddingRows(result),
        ['MACs', gigaMacs(macs)],
        ['images/s', result.imagesPerSecond.toFixed(1)],
        ['inference, ms per image', (result.inferMs / result.images).toFixed(2)],
        ['waiting for decoding, ms per image', (result.decodeMs / result.images).toFixed(2)],
      ])}\npreprocessing: ${preprocessing}${classTable(model, result)}`,
    };
  },
});

/** A model with more classes gives their figures in the JSON only. */
const mostRows = 40;

/** Where images may have several classes: the figures of each. */
function classTable({ config, labels }: VitModel, { perClass }: Evaluation): string {
  const { averagePrecision, agreement } = perClass ?? {};
  if ((!averagePrecision && !agreement) || config.classes > mostRows) return '';
  const rows = classNames(config.classes, labels).map((name, i) => [
    name,
    ...(averagePrecision ? [formatPercent(averagePrecision[i] ?? undefined, undefined)] : []),
    ...(agreement ? [formatPercent(agreement[i], undefined)] : []),
  ]);
  const head = ['class', ...(averagePrecision ? ['AP'] : []), ...(agreement ? ['same answer as dense'] : [])];
  return `\n\n${table([head, ...rows])}`;
}
