/** Finds the command, parses its line, prints its result, and turns errors into messages and exit statuses. */

import { findByName, isPatchslimError, PatchslimError } from '@patchslim/tensor';
import { version } from '@patchslim/slimming';
import type { Command } from './command.js';
import { commandHelp, mainHelp } from './help.js';
import { parseOptions } from './parse-options.js';
import { createProgressBar } from './progress-bar.js';
import { commands } from './registry.js';
import { UsageError } from './usage.js';

/** Done; failed; the command line makes no sense; interrupted. */
export type ExitStatus = 0 | 1 | 2 | 130;

/** Where a run of the program reads and writes. */
export interface MainOptions {
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly signal: AbortSignal;
}

/** Runs one command line (without `node` and the program). Never throws. */
export async function main(argv: readonly string[], options: MainOptions): Promise<ExitStatus> {
  const { stdout, stderr } = options;
  const [name, ...rest] = argv;
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    (name === undefined ? stderr : stdout).write(mainHelp(commands));
    return name === undefined ? 2 : 0;
  }
  if (name === '--version') {
    stdout.write(`${version}\n`);
    return 0;
  }
  const command = commands.find((candidate) => candidate.name === name);
  try {
    return await runCommand(command ?? findByName(commands, name, 'command'), rest, options);
  } catch (error) {
    return explain(error, command?.usage ?? 'COMMAND …; `patchslim --help` lists the commands', options);
  }
}

async function runCommand(command: Command, argv: string[], options: MainOptions): Promise<ExitStatus> {
  const { stdout, stderr, signal } = options;
  const { values, positionals } = parseOptions(command, argv);
  if (values['help']) {
    stdout.write(commandHelp(command));
    return 0;
  }
  const quiet = values['quiet'] === true;
  const bar = createProgressBar(stderr, quiet);
  try {
    const result = await command.run(positionals, values, {
      signal,
      onProgress: (event) => bar.show(event),
      note: (text) => {
        bar.clear();
        if (!quiet) stderr.write(`${text}\n`);
      },
    });
    bar.clear();
    for (const error of result.errors ?? []) stderr.write(messageOf(error));
    stdout.write(values['json'] ? `${JSON.stringify(result.json)}\n` : `${result.text}\n`);
    return result.status ?? 0;
  } finally {
    bar.clear();
  }
}

const messageOf = ({ message, code }: PatchslimError): string => `patchslim: ${message} [${code}]\n`;

/** @param usage of the command, for errors of the command line */
function explain(error: unknown, usage: string, { stderr }: MainOptions): ExitStatus {
  if (isPatchslimError(error, 'ABORTED')) {
    stderr.write('patchslim: interrupted\n');
    return 130;
  }
  if (error instanceof UsageError || isPatchslimError(error, 'UNKNOWN_NAME')) {
    stderr.write(`patchslim: ${error.message}\nusage: patchslim ${usage}\n`);
    return 2;
  }
  if (error instanceof PatchslimError) stderr.write(messageOf(error));
  else
    stderr.write(`patchslim: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  return 1;
}
