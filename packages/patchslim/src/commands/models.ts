/** `patchslim models`: the architectures it knows. */

import { vitMacs } from '@patchslim/flop-counter';
import { tokenCount, vitPresets } from '@patchslim/vit-models';
import { defineCommand } from '../command.js';
import { gigaMacs, table } from '../table.js';
import { noMoreArguments } from '../usage.js';

export const models = defineCommand({
  name: 'models',
  summary: 'Lists the models that patchslim knows by name.',
  usage: 'models',
  optionHelp: [],
  example: 'models',
  options: {},
  run(positionals) {
    noMoreArguments(positionals, 0);
    const rows = vitPresets.map(({ name, config, hubId }) => ({
      name,
      imageSize: config.imageSize,
      tokens: tokenCount(config),
      width: config.width,
      depth: config.depth,
      heads: config.heads,
      macs: vitMacs(config).total,
      hubId,
    }));
    return Promise.resolve({
      json: { models: rows },
      text: table([
        ['model', 'image', 'tokens', 'width', 'blocks', 'heads', 'MACs', 'hub id'],
        ...rows.map((row) => [
          row.name,
          String(row.imageSize),
          String(row.tokens),
          String(row.width),
          String(row.depth),
          String(row.heads),
          gigaMacs(row.macs),
          row.hubId,
        ]),
      ]),
    });
  },
});
