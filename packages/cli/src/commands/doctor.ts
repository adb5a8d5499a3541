/** `patchslim doctor`: which backends come up here, and why the others do not. */

import { describeBackends } from '@patchslim/backends';
import { defineCommand } from '../command.js';
import { noMoreArguments } from '../usage.js';

export const doctor = defineCommand({
  name: 'doctor',
  summary: 'Tries every backend with a small program and says which work here, and why the others do not.',
  usage: 'doctor',
  optionHelp: [],
  example: 'doctor',
  options: {},
  async run(positionals) {
    noMoreArguments(positionals, 0);
    const backends = await describeBackends();
    const longest = Math.max(...backends.map(({ name }) => name.length));
    return {
      json: { node: process.version, platform: `${process.platform}-${process.arch}`, backends },
      text: [
        `Node ${process.version} on ${process.platform}-${process.arch}`,
        ...backends.map(
          ({ name, works, description, reason }) =>
            `${works ? '✓' : '✗'} ${name.padEnd(longest)}  ${reason ?? description}`,
        ),
      ].join('\n'),
    };
  },
});
