/** `patchslim curves`: the experiment of the paper's Fig. 7 on the user's model and images. */

import { join } from 'node:path';
import { findScore } from '@patchslim/importance-estimators';
import { formatPercent, plotCurves } from '@patchslim/report';
import { singleBlockCurves, type CurvePoint } from '@patchslim/slimming';
import { shareInterval } from '@patchslim/slimming/internal';
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
import { drawHelp, drawOptions, readDraw, scoreTable } from '../plan-options.js';
import { table } from '../table.js';
import { asUsage, integer, noMoreArguments, required, requiredArgument, UsageError } from '../usage.js';

const usualScores = 'impact,attention-norm,attention-received,random';

export const curves = defineCommand({
  name: 'curves',
  summary: "Slims one block at a time; plots accuracy by score and share removed (the paper's Fig. 7).",
  usage:
    'curves MODEL --data DIR --out DIR [--weights SOURCE] [--blocks 3,7,11] [--rates .1,…] [--scores A,B]',
  optionHelp: [
    ...weightsHelp,
    ...dataHelp,
    ['--out DIR', 'folder for curves.json and block-N.svg for each block N'],
    ['--blocks LIST', 'blocks to slim, counted from 1 (3,7,11)'],
    ['--rates LIST', 'shares of the patches to remove (.1,.3,.5,.7,.9)'],
    ['--scores LIST', `scores that rank the patches (${usualScores}), of these:\n${scoreTable}`],
    ...drawHelp,
    backendHelp,
  ],
  example: 'curves deit-tiny --weights deit_tiny_patch16_224.safetensors --data imagenet_sample --out curves',
  options: {
    ...modelOptions,
    ...dataOptions,
    out: { type: 'string' },
    blocks: { type: 'string', default: '3,7,11' },
    rates: { type: 'string', default: '.1,.3,.5,.7,.9' },
    scores: { type: 'string', default: usualScores },
    ...drawOptions,
  },
  async run(positionals, values, context) {
    noMoreArguments(positionals, 1);
    const name = requiredArgument(positionals, 'MODEL');
    const out = required(values, 'out');
    const scores = asUsage('scores', () => values.scores.split(',').map(findScore));
    const blocks = values.blocks.split(',').map((block) => integer('blocks', block, 1) - 1);
    const rates = values.rates.split(',').map(rateOf);
    const draw = readDraw(values);

    const opened = await openData(values, context);
    await makeFolder(out);
    const model = await openModel(name, values, context);
    const data = matchData(model, opened, context);
    const { depth } = model.config;
    if (blocks.some((block) => block >= depth - 1))
      throw new UsageError(`--blocks: expected blocks 1 to ${depth - 1}`);
    const result = await singleBlockCurves(model, data.folder, {
      ...{ ...context, ...data.decoding, ...draw, batchSize: data.batchSize },
      ...{ blocks, rates, scores },
    });
    const { denseTop1, images } = result;
    await writeWhole('curves', join(out, 'curves.json'), [`${JSON.stringify(result, null, 2)}\n`]);
    for (const block of blocks) {
      const plot = plotCurves({
        title: `${name}, block ${block + 1} alone slimmed`,
        xLabel: 'share of patches removed',
        yLabel: `top-1 on ${images} images, %`,
        series: scores.map((score) => ({
          name: score.name,
          points: pointsOf(result.points, block, score.name).map(({ rate, top1 }) => [rate, top1] as const),
        })),
      });
      await writeWhole('curves', join(out, `block-${block + 1}.svg`), [plot]);
    }
    const tables = blocks.map((block) =>
      table([
        [`block ${block + 1}`, ...rates.map(String)],
        ...scores.map(({ name: score }) => [
          score,
          ...pointsOf(result.points, block, score).map(({ top1 }) => top1.toFixed(1)),
        ]),
      ]),
    );
    const dense = formatPercent(denseTop1, shareInterval(denseTop1, images));
    return {
      json: { out, ...result },
      text: [...tables, `top-1 in percent on ${images} images; dense ${dense}`, out].join('\n\n'),
    };
  },
});

const pointsOf = (points: readonly CurvePoint[], block: number, score: string): CurvePoint[] =>
  points.filter((point) => point.block === block && point.score === score);

function rateOf(text: string): number {
  const rate = Number(text);
  if (text.trim() !== '' && rate > 0 && rate < 1) return rate;
  throw new UsageError(`--rates: expected shares between 0 and 1, got '${text}'`);
}
