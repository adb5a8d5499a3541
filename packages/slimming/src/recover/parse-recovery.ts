/** Recoveries as text: `name:key=value,…`, several joined by `+`. To add one: write its file, add one line here. */

import { findByName, PatchslimError } from '@patchslim/tensor';
import { findTrainable, type Trainable } from '../learn/trainable-params.js';
import { blockRecovery } from './block.js';
import { distill } from './distill.js';
import { finetune } from './finetune.js';
import { leastSquares } from './least-squares.js';
import type { Recovery } from './recovery.js';

type Settings = Readonly<Record<string, string>>;

interface RecoveryFormat {
  readonly name: string;
  /** The format, for help texts. */
  readonly usage: string;
  /** Every key with its default. The rates and epochs are ours: docs/guide/experiments.md. */
  readonly defaults: Settings;
  create(settings: Settings): Recovery;
}

/** Default rate for each group of parameters. */
const byLearning = 'by learn';
const rates: Readonly<Record<Trainable, number>> = { all: 5e-5, blocks: 5e-5, norms: 1e-3 };

/** The formats that `parseRecovery` reads. */
export const recoveryFormats: readonly RecoveryFormat[] = [
  {
    name: 'least-squares',
    usage: 'least-squares (closed form, no labels)',
    defaults: {},
    create: () => leastSquares(),
  },
  {
    name: 'block',
    usage: 'block[:epochs=3,rate=0.0003] (the paper: each block alone, no labels)',
    defaults: { epochs: '3', rate: '0.0003' },
    create: (settings) => blockRecovery(steps(settings)),
  },
  {
    name: 'distill',
    usage:
      'distill[:epochs=10,learn=norms|all|blocks,rate=0.001|0.00005,features=1] (whole network against the dense one, no labels)',
    // Norms and biases: one rate works for models of any size; for all weights it does not.
    defaults: { epochs: '10', rate: byLearning, learn: 'norms', features: '1' },
    create: (settings) =>
      distill({
        ...learningSteps(settings),
        features: number(settings, 'features', 0),
      }),
  },
  {
    name: 'finetune',
    usage:
      'finetune[:epochs=10,learn=all|norms|blocks,rate=0.00005|0.001,distill=0] (whole network on labels)',
    defaults: { epochs: '10', rate: byLearning, learn: 'all', distill: '0' },
    create: (settings) =>
      finetune({
        ...learningSteps(settings),
        distill: number(settings, 'distill', 0, 1),
      }),
  },
];

/**
 * Reads `none`, or recoveries that run one after another.
 * @throws UNKNOWN_NAME, INVALID_ARGUMENT
 * @example parseRecovery('block+distill:epochs=5')
 */
export function parseRecovery(text: string): readonly Recovery[] {
  return text === 'none' ? [] : text.split('+').map(parseOne);
}

function parseOne(text: string): Recovery {
  const colon = text.indexOf(':');
  const name = colon < 0 ? text : text.slice(0, colon);
  const format = findByName(recoveryFormats, name, 'recovery');
  const settings: Record<string, string> = { ...format.defaults };
  for (const part of colon < 0 ? [] : text.slice(colon + 1).split(',')) {
    const [key = '', value = '', ...rest] = part.split('=');
    if (!(key in settings) || value === '' || rest.length > 0) {
      throw new PatchslimError(
        'INVALID_ARGUMENT',
        `parseRecovery(): '${text}' does not read as ${format.usage}`,
      );
    }
    settings[key] = value;
  }
  return format.create(settings);
}

function learningSteps(settings: Settings) {
  const trainable = findTrainable(settings['learn']!);
  const rate = settings['rate'] === byLearning ? String(rates[trainable]) : settings['rate']!;
  return { ...steps({ ...settings, rate }), trainable };
}

function steps(settings: Settings): { epochs: number; rate: number } {
  const epochs = number(settings, 'epochs', 1);
  if (!Number.isInteger(epochs)) throw outOfRange('epochs', settings['epochs']!, 'a whole number from 1');
  return { epochs, rate: number(settings, 'rate', Number.MIN_VALUE) };
}

function number(settings: Settings, key: string, least: number, most = Number.MAX_VALUE): number {
  const value = Number(settings[key]);
  if (settings[key]!.trim() !== '' && value >= least && value <= most) return value;
  throw outOfRange(
    key,
    settings[key]!,
    most === Number.MAX_VALUE ? `a number from ${least}` : `${least} to ${most}`,
  );
}

const outOfRange = (key: string, got: string, expected: string): PatchslimError =>
  new PatchslimError('INVALID_ARGUMENT', `parseRecovery(): ${key}: expected ${expected}, got '${got}'`);
