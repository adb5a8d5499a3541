/** Help texts. */

import type { Command } from './command.js';
import { table } from './table.js';

const everywhereHelp = [
  ['--json', 'one JSON object on stdout'],
  ['--quiet', 'no progress and no remarks on stderr'],
  ['--help', 'this text'],
] as const;

const modelHelp = [
  'MODEL',
  'a name that `patchslim models` lists; custom: a ViT of any size, as its weights tell',
] as const;

/** What `patchslim --help` prints. */
export function mainHelp(commands: readonly Command[]): string {
  return [
    'patchslim: makes pretrained vision transformers fast by slimming their patches, layer by layer',
    '',
    'usage: patchslim COMMAND …',
    '',
    leftTable(commands.map(({ name, summary }) => [name, summary])),
    '',
    'patchslim COMMAND --help tells more.',
    '',
  ].join('\n');
}

/** What `patchslim COMMAND --help` prints. */
export function commandHelp({ summary, usage, optionHelp, example }: Command): string {
  return [
    summary,
    '',
    `usage: patchslim ${usage}`,
    '',
    leftTable([...(usage.includes('MODEL') ? [modelHelp] : []), ...optionHelp, ...everywhereHelp]),
    '',
    'example:',
    `  patchslim ${example}`,
    '',
  ].join('\n');
}

function leftTable(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([left]) => left.length));
  return table(rows.map(([left, right]) => [`  ${left.padEnd(width)}  ${right}`]));
}
