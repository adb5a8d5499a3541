/** Command lines that make no sense, and reading values out of them. */

import { PatchslimError } from '@patchslim/tensor';

/** Marks an error as the user's command line: exit status 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** An option that must be there. */
export function required(values: Readonly<Record<string, unknown>>, option: string): string {
  const value = values[option];
  if (typeof value === 'string' && value !== '') return value;
  throw new UsageError(`--${option} is missing`);
}

/** The one positional argument, or the first of several. */
export function requiredArgument(positionals: readonly string[], what: string): string {
  const [first] = positionals;
  if (first === undefined) throw new UsageError(`${what} is missing`);
  return first;
}

export function noMoreArguments(positionals: readonly string[], allowed: number): void {
  if (positionals.length > allowed) throw new UsageError(`unexpected argument '${positionals[allowed]}'`);
}

/** A whole number of at least `least`. */
export function integer(option: string, text: string, least: number): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isSafeInteger(value) && value >= least) return value;
  throw new UsageError(`--${option}: expected a whole number of at least ${least}, got '${text}'`);
}

/** A number of at least `least`. */
export function number(option: string, text: string, least: number): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value) && value >= least) return value;
  throw new UsageError(`--${option}: expected a number of at least ${least}, got '${text}'`);
}

/** A number from 0 to 1. */
export function probability(option: string, text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= 0 && value <= 1) return value;
  throw new UsageError(`--${option}: expected a number from 0 to 1, got '${text}'`);
}

/** One of a closed list. */
export function oneOf<T extends string>(option: string, text: string, allowed: readonly T[]): T {
  const value = allowed.find((candidate) => candidate === text);
  if (value !== undefined) return value;
  throw new UsageError(`--${option}: expected ${allowed.join(' or ')}, got '${text}'`);
}

/**
 * Turns an error about a command-line value (a schedule, a name) into one of usage.
 *
 * @param option that has the value; undefined where several do not fit together
 */
export function asUsage<T>(option: string | undefined, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof PatchslimError)) throw error;
    throw new UsageError(option === undefined ? error.message : `--${option}: ${error.message}`);
  }
}
