/** `patchslim curves`: the experiment of the paper's Fig. 7 on the user's model and images. */

import { join } from 'node:path';
import { splitExamples } from '@patchslim/datasets';
import { findScore } from '@patchslim/importance-estimators';
import { percentWithin, plotCurves } from '@patchslim/report';
import { shareInterval, singleBlockCurves, type CurvePoint } from '@patchslim/slimming';
import { writeWhole } from '@patchslim/tensor/files';
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
import { calibrating } from '../make-plan.js';
import { table } from '../table.js';
import { asUsage, integer, noMoreArguments, required, requiredArgument, UsageError } from '../usage.js';

export const curves = defineCommand({
  name: 'curves',
  summary: "Slims one block at a time and plots the accuracy by estimator and rate (the paper's Fig. 7).",
  usage:
    'curves MODEL --data DIR --out DIR [--weights SOURCE] [--blocks 3,7,11] [--rates .1,…] [--estimators A,B]',
  optionHelp: [
    weightsHelp,
    ...dataHelp,
    ['--out DIR', 'folder for curves.json and one block-N.svg for each block'],
    ['--blocks LIST', 'blocks to slim, counted from 1 (3,7,11)'],
    ['--rates LIST', 'shares of the patches to remove (.1,.3,.5,.7,.9)'],
    ['--estimators LIST', 'impact,attention-norm,attention-received,random'],
    [
      '--images N',
      'images to calibrate on, drawn with the seed (500, half of the folder at most); all others measure',
    ],
    ['--seed N', 'seed of every draw (0)'],
    backendHelp,
  ],
  example: 'curves deit-tiny --weights deit_tiny_patch16_224.safetensors --data imagenet_sample --out curves',
  options: {
    ...modelOptions,
    ...dataOptions,
    out: { type: 'string' },
    blocks: { type: 'string', default: '3,7,11' },
    rates: { type: 'string', default: '.1,.3,.5,.7,.9' },
    estimators: { type: 'string', default: 'impact,attention-norm,attention-received,random' },
    images: { type: 'string' },
    seed: { type: 'string', default: '0' },
  },
  async run(positionals, values, context) {
    noMoreArguments(positionals, 1);
    const name = requiredArgument(positionals, 'MODEL');
    const out = required(values, 'out');
    const estimators = asUsage('estimators', () => values.estimators.split(',').map(findScore));
    const blocks = values.blocks.split(',').map((block) => integer('blocks', block, 1) - 1);
    const rates = values.rates.split(',').map(rateOf);
    const count = values.images === undefined ? undefined : integer('images', values.images, 1);
    const seed = integer('seed', values.seed, 0);

    await makeFolder(out);
    const data = await openData(values, context);
    const model = await openModel(name, values, context);
    const { depth } = model.config;
    if (blocks.some((block) => block >= depth - 1))
      throw new UsageError(`--blocks: expected blocks 1 to ${depth - 1}`);
    const { chosen: drawn, rest } = splitExamples(
      data.examples,
      Math.min(count ?? calibrating(500, data.examples), data.examples.length - 1),
      seed,
    );
    const chosen = await data.readable(model, drawn);
    const result = await singleBlockCurves(model, data.images(model, chosen), data.images(model, rest), {
      ...context,
      blocks,
      rates,
      estimators,
      seed,
      batchSize: data.batchSize,
    });
    const { denseTop1, images } = result;
    await writeWhole('curves', join(out, 'curves.json'), [`${JSON.stringify(result, null, 2)}\n`]);
    for (const block of blocks) {
      const plot = plotCurves({
        title: `${name}, block ${block + 1} alone slimmed`,
        xLabel: 'share of patches removed',
        yLabel: `top-1 on ${images} images, %`,
        series: estimators.map((estimator) => ({
          name: estimator.name,
          points: pointsOf(result.points, block, estimator.name).map(
            ({ rate, top1 }) => [rate, top1] as [number, number],
          ),
        })),
      });
      await writeWhole('curves', join(out, `block-${block + 1}.svg`), [plot]);
    }
    return {
      json: { out, ...result },
      text: blocks
        .map((block) =>
          table([
            [`block ${block + 1}`, ...rates.map(String)],
            ...estimators.map((estimator) => [
              estimator.name,
              ...pointsOf(result.points, block, estimator.name).map(({ top1 }) => top1.toFixed(1)),
            ]),
          ]),
        )
        .join('\n\n')
        .concat(
          `\n\ndense ${percentWithin(denseTop1, shareInterval(denseTop1, images))}, ${images} images; ${out}`,
        ),
    };
  },
});

const pointsOf = (points: readonly CurvePoint[], block: number, estimator: string): CurvePoint[] =>
  points.filter((point) => point.block === block && point.estimator === estimator);

function rateOf(text: string): number {
  const rate = Number(text);
  if (text.trim() !== '' && rate > 0 && rate < 1) return rate;
  throw new UsageError(`--rates: expected shares between 0 and 1, got '${text}'`);
}
