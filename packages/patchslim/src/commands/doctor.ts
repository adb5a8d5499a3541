/** `patchslim doctor`: which backends come up here, and why the others do not. */

import { describeBackends, type BackendFinding } from '@patchslim/backends';
import { systemName } from '@patchslim/tensor/files';
import { defineCommand } from '../command.js';
import { modelOptions } from '../inputs.js';
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
    const { status, text } = verdict(backends);
    const longest = Math.max(...backends.map(({ name }) => name.length));
    return {
      status,
      json: { node: process.version, platform: systemName(), backends },
      text: [
        `Node ${process.version} on ${systemName()}`,
        ...backends.map(
          ({ name, works, description, reason }) =>
            `${works ? '✓' : '✗'} ${name.padEnd(longest)}  ${(reason ?? description).replace(/\s*\n\s*/g, ' ')}`,
        ),
        '',
        text,
      ].join('\n'),
    };
  },
});

const usual = modelOptions.backend.default;

/** Whether commands will work here, and with which backend. */
export function verdict(backends: readonly BackendFinding[]): {
  readonly status: 0 | 1;
  readonly text: string;
} {
  const working = backends.filter(({ works }) => works);
  if (working.some(({ name }) => name === usual)) {
    return { status: 0, text: `OK: ${usual} works and will be used` };
  }
  const [other] = working;
  if (other) {
    return { status: 0, text: `${usual}, the default, does not work here: give --backend ${other.name}` };
  }
  const repair = 'install the packages anew (npm ci, or npm install patchslim), then run doctor again';
  return { status: 1, text: `No backend works here: ${repair}` };
}
