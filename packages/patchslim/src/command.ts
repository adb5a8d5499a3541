/** What a subcommand is, and what it gets to work with. */

import type { parseArgs, ParseArgsConfig } from 'node:util';
import type { PatchslimError, ProgressEvent } from '@patchslim/tensor';

export type Options = NonNullable<ParseArgsConfig['options']>;

/** What `parseArgs` makes of `O`, with the flags that every command has. */
export type Values<O extends Options> = ReturnType<
  typeof parseArgs<{ options: O; allowPositionals: true }>
>['values'];

export interface CommandContext {
  readonly signal: AbortSignal;
  readonly onProgress: (event: ProgressEvent) => void;
  /** A remark for people, on stderr; silent with `--quiet`. */
  readonly note: (text: string) => void;
}

/** The two forms of a result: one JSON object, and text for people. */
export interface CommandResult {
  readonly json: object;
  readonly text: string;
  /** What failed though there is a result; printed on stderr as errors are. */
  readonly errors?: readonly PatchslimError[];
  /** 1 for a result that says that something is wrong; 0 when left out. */
  readonly status?: 0 | 1;
}

export interface Command {
  readonly name: string;
  /** One line in the list of commands. */
  readonly summary: string;
  /** What follows `patchslim`. */
  readonly usage: string;
  /** What each option means, in one line or several. */
  readonly optionHelp: readonly (readonly [option: string, meaning: string])[];
  /** A command line that works, without `patchslim`. */
  readonly example: string;
  readonly options: Options;
  run(
    positionals: readonly string[],
    values: Readonly<Record<string, unknown>>,
    context: CommandContext,
  ): Promise<CommandResult>;
}

/** Ties the type of `values` to the options of a command. */
export function defineCommand<const O extends Options>(
  command: Omit<Command, 'options' | 'run'> & {
    readonly options: O;
    run(positionals: readonly string[], values: Values<O>, context: CommandContext): Promise<CommandResult>;
  },
): Command {
  return command;
}
