/** `patchslim flops`: what a model costs, dense or under a plan. */

import { conventions, countForward, formatReport } from '@patchslim/flop-counter';
import { findByName } from '@patchslim/tensor';
import { tokenCount, traceCounts, densePlan, vitConfig } from '@patchslim/vit-models';
import { defineCommand } from '../command.js';
import {
  customModel,
  loadCheckpoint,
  planFor,
  planHelp,
  planOption,
  readingHelp,
  weightsOption,
} from '../inputs.js';
import { noMoreArguments, requiredArgument } from '../usage.js';

export const flops = defineCommand({
  name: 'flops',
  summary: 'Counts the multiply-accumulates of a model for one image, block by block.',
  usage: 'flops MODEL [--weights SOURCE] [--plan FILE] [--convention macs|fvcore]',
  optionHelp: [
    ['--weights SOURCE', 'weights whose classes and sizes to count; those of the preset when left out'],
    ...readingHelp,
    planHelp,
    ['--convention NAME', 'macs (default) or fvcore'],
  ],
  example: 'flops deit-tiny --convention fvcore',
  options: { ...weightsOption, ...planOption, convention: { type: 'string', default: 'macs' } },
  async run(positionals, values, context) {
    noMoreArguments(positionals, 1);
    const name = requiredArgument(positionals, 'MODEL');
    const known = name !== customModel && values.weights === undefined;
    const model = known ? { config: vitConfig(name) } : await loadCheckpoint(name, values, context);
    const { config } = model;
    const convention = findByName(conventions, values.convention, 'convention');
    const blocks = (await planFor(model, values.plan)) ?? densePlan(config);
    const report = countForward(config, { plan: blocks, convention });
    const traced = traceCounts(config, blocks);
    return {
      json: {
        model: config.name,
        convention: convention.name,
        macs: report.macs,
        tokens: tokenCount(config),
        blocks: traced.map(({ input, kept }, block) => ({
          block: block + 1,
          tokensIn: input,
          tokensKept: kept,
          macs: report.byPart[`blocks.${block}`]!.macs,
        })),
        embed: report.byPart['embed']!.macs,
        head: report.byPart['head']!.macs + (report.byPart['head_dist']?.macs ?? 0),
        byOp: report.byOp,
        uncounted: report.uncounted,
      },
      text: formatReport(report),
    };
  },
});
