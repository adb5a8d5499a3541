/** How a recovery is written as text, and read back. */

import { PatchslimError } from '@patchslim/tensor';
import { findTrainable } from '../learn/trainable-params.js';
import type { Recovery } from './recovery.js';
import type { Budgets } from './whole-network.js';

/** The settings of a recovery, by name. */
export type Settings = Readonly<Record<string, string>>;

/** The text form of a recovery. */
export interface RecoveryFormat {
  readonly name: string;
  /** One line, for help texts. */
  readonly summary: string;
  /** The text with its settings, for help texts and errors. */
  readonly usage: string;
  /** Every setting, with its default. The rates and epochs are ours: docs/guide/experiments.md. */
  readonly defaults: Settings;
  create(settings: Settings): Recovery;
}

/** Defaults of the settings that `readTraining` reads, but for `learn`. */
export const trainingDefaults: Settings = { epochs: '10', rate: '0.001', matrices: '0.03' };

/** Trainable parameters, epochs and rates. @throws UNKNOWN_NAME, INVALID_ARGUMENT */
export function readTraining(settings: Settings) {
  return {
    ...readSteps(settings),
    trainable: findTrainable(settings['learn']!),
    matrixRate: readNumber(settings, 'matrices', Number.MIN_VALUE),
  };
}

/** Epochs and rate. @throws INVALID_ARGUMENT */
export function readSteps(settings: Settings): { epochs: number; rate: number } {
  const epochs = readNumber(settings, 'epochs', 1);
  if (!Number.isInteger(epochs)) throw outOfRange('epochs', settings['epochs']!, 'a whole number from 1');
  return { epochs, rate: readNumber(settings, 'rate', Number.MIN_VALUE) };
}

/** @throws INVALID_ARGUMENT outside `least` to `most` */
export function readNumber(settings: Settings, key: string, least: number, most = Number.MAX_VALUE): number {
  const value = Number(settings[key]);
  if (settings[key]!.trim() !== '' && value >= least && value <= most) return value;
  throw outOfRange(
    key,
    settings[key]!,
    most === Number.MAX_VALUE ? `a number from ${least}` : `${least} to ${most}`,
  );
}

/** As `range`: the budget of the plan alone. */
export const noRange = 'none';

/** Two shares of the dense multiply-accumulates, the least first. @throws INVALID_ARGUMENT */
export function readBudgets({ range }: Settings): Budgets | undefined {
  if (range === noRange) return undefined;
  const ends = /^([\d.]+)\.\.([\d.]+)$/.exec(range!)?.slice(1).map(Number);
  const [least = NaN, most = NaN] = ends ?? [];
  if (0 < least && least < most && most <= 1) return [least, most];
  throw outOfRange('range', range!, 'two shares of the dense multiply-accumulates, as in 0.4..0.7');
}

const outOfRange = (key: string, got: string, expected: string): PatchslimError =>
  new PatchslimError('INVALID_ARGUMENT', `parseRecovery(): ${key}: expected ${expected}, got '${got}'`);
