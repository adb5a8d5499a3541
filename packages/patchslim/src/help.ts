/** Help texts. */

import type { Command } from './command.js';

const everywhereHelp = [
  ['--json', 'print one JSON object on stdout'],
  ['--quiet', 'print nothing on stderr but errors'],
  ['--help', 'print this text'],
] as const;

const modelHelp = [
  'MODEL',
  'a name that `patchslim models` lists, or custom: a ViT of any size; the weights say which',
] as const;

/** What `patchslim --help` prints. */
export function mainHelp(commands: readonly Command[]): string {
  return [
    'patchslim: makes pretrained vision transformers faster by removing the patches that matter least',
    '',
    'usage: patchslim COMMAND …',
    '',
    leftTable(commands.map(({ name, summary }) => [name, summary])),
    '',
    '`patchslim COMMAND --help` lists the options of a command.',
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

/** What an option can name, a line each: for the right column. */
export function namesTable(rows: readonly (readonly [name: string, meaning: string])[]): string {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, meaning]) => `  ${name.padEnd(width)}  ${meaning}`).join('\n');
}

/** Two columns; the right one may have several lines. */
function leftTable(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([left]) => left.length));
  const indent = ' '.repeat(width + 4);
  return rows
    .map(([left, right]) => `  ${left.padEnd(width)}  ${right.replaceAll('\n', `\n${indent}`)}`)
    .join('\n');
}
