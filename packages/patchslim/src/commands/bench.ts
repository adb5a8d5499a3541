/** `patchslim bench`: dense against slimmed, interleaved in one run. */

import { compareSpeed } from '@patchslim/slimming';
import { losslessPlan } from '@patchslim/vit-models';
import { defineCommand } from '../command.js';
import { backendHelp, modelOptions, openModel, planFor, planOption, weightsHelp } from '../inputs.js';
import { table } from '../table.js';
import { integer, noMoreArguments, requiredArgument } from '../usage.js';

export const bench = defineCommand({
  name: 'bench',
  summary: 'Times the dense and the slimmed model in turn and reports their ratio.',
  usage: 'bench MODEL [--weights SOURCE] [--plan FILE] [--batch 1,8] [--runs N] [--backend NAME]',
  optionHelp: [
    ...weightsHelp,
    ['--plan FILE', 'slim plan (the lossless one, class token only in the last block, when left out)'],
    ['--batch LIST', 'batch sizes (1,8)'],
    ['--runs N', 'measured pairs for each batch size (30)'],
    backendHelp,
  ],
  example: 'bench deit-tiny --weights deit_tiny_patch16_224.safetensors --plan out/plan.json --batch 1,8',
  options: {
    ...modelOptions,
    ...planOption,
    batch: { type: 'string', default: '1,8' },
    runs: { type: 'string', default: '30' },
  },
  async run(positionals, values, context) {
    noMoreArguments(positionals, 1);
    const name = requiredArgument(positionals, 'MODEL');
    const batches = values.batch.split(',').map((batch) => integer('batch', batch, 1));
    const runs = integer('runs', values.runs, 1);
    const model = await openModel(name, values, context);
    const plan = (await planFor(model, values.plan)) ?? losslessPlan(model.config);
    const results = await compareSpeed(model, plan, { ...context, batches, runs });
    return {
      json: { model: model.config.name, backend: model.backend.name, results },
      text: table([
        ['batch', 'dense ms', 'slimmed ms', 'speed-up', 'quartiles', 'MACs'],
        ...results.map(({ batch, denseMs, slimmedMs, speedup, spread, macRatio }) => [
          String(batch),
          denseMs.toFixed(2),
          slimmedMs.toFixed(2),
          `${speedup.toFixed(2)} ×`,
          `${spread[0].toFixed(2)}–${spread[1].toFixed(2)}`,
          `${(100 * macRatio).toFixed(1)} %`,
        ]),
      ]),
    };
  },
});
