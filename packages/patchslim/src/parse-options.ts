/** Reads the options of a command line; a misspelt one gets the near one. */

import { parseArgs } from 'node:util';
import { nearMatches } from '@patchslim/tensor';
import type { Command } from './command.js';
import { UsageError } from './usage.js';

/** Of every command. */
const everywhere = {
  json: { type: 'boolean' },
  quiet: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

/** Options with two names: the other one, and the one that commands know. */
const aliases: Readonly<Record<string, string>> = { '--device': '--backend' };

/** `--device cpu` and `--device=cpu` become `--backend …` for commands that have it; what follows `--` is no option. */
function withoutAliases(args: readonly string[], options: Command['options']): string[] {
  const end = args.indexOf('--');
  return args.map((arg, i) => {
    const [name = '', ...value] = arg.split('=');
    const own = end < 0 || i < end ? aliases[name] : undefined;
    return own !== undefined && own.slice(2) in options ? [own, ...value].join('=') : arg;
  });
}

/** @throws UsageError */
export function parseOptions(command: Command, given: readonly string[]) {
  const options = { ...command.options, ...everywhere };
  const args = withoutAliases(given, options);
  const { tokens } = parseArgs({ args, options, allowPositionals: true, strict: false, tokens: true });
  for (const token of tokens) {
    if (token.kind === 'option' && !(token.name in options)) refuse(token, Object.keys(options));
  }
  try {
    return parseArgs({ args, options, allowPositionals: true, strict: true });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

/** What other programs call options. */
const elsewhere: Readonly<Record<string, string>> = {
  provider: 'backend',
  checkpoint: 'weights',
  ckpt: 'weights',
  pretrained: 'weights',
  'model-path': 'weights',
  'batch-size': 'batch',
  output: 'out',
  'output-dir': 'out',
  dataset: 'data',
  'data-dir': 'data',
  'data-path': 'data',
  'class-map': 'labels',
  'class-names': 'labels',
  topk: 'top',
};

function refuse({ name, rawName }: { name: string; rawName: string }, known: readonly string[]): never {
  const own = elsewhere[name];
  const near = own !== undefined && known.includes(own) ? [own] : nearMatches(name, known);
  const list = (names: readonly string[], joint: string) => names.map((each) => `--${each}`).join(joint);
  const hint = near.length > 0 ? `did you mean ${list(near, ' or ')}?` : `known: ${list(known, ', ')}`;
  throw new UsageError(`unknown option '${rawName}'; ${hint}`);
}
