/** How a schedule is written as text, and read back. */

import { PatchslimError } from '@patchslim/tensor';
import type { Schedule } from './schedule.js';

/** The text form of a schedule. */
export interface ScheduleFormat {
  readonly name: string;
  /** One line, for help texts. */
  readonly summary: string;
  /** Examples, for help texts and errors. */
  readonly usage: string;
  /** @param text behind `name:` @throws INVALID_ARGUMENT */
  parse(text: string): Schedule;
}

/** @throws INVALID_ARGUMENT */
export function readNumber(text: string, usage: string): number {
  if (text.trim() === '' || !Number.isFinite(Number(text))) malformed(text, usage);
  return Number(text);
}

/** Numbers that commas separate. @throws INVALID_ARGUMENT */
export const readNumbers = (text: string, usage: string): number[] =>
  text.split(',').map((part) => readNumber(part, usage));

/** @throws INVALID_ARGUMENT */
export function malformed(text: string, usage: string): never {
  throw new PatchslimError('INVALID_ARGUMENT', `parseSchedule(): '${text}' does not read as ${usage}`);
}
