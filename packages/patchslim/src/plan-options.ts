/** The options that say how a plan is made, of `slim` and `compare`. The library checks that they fit together. */

import { backendsOf } from '@patchslim/backends';
import { staticScores } from '@patchslim/importance-estimators';
import {
  defaults,
  methods,
  parseMethod,
  parseRecovery,
  recoveryFormats,
  type PlanOptions,
} from '@patchslim/slimming';
import { readRequest } from '@patchslim/slimming/internal';
import { parseSchedule, scheduleFormats, type Schedule } from '@patchslim/slimming-schedules';
import { namesTable } from './help.js';
import { autoBackend } from './inputs.js';
import { asUsage, integer, UsageError } from './usage.js';

/** Of commands that draw images. */
export const drawOptions = {
  images: { type: 'string' },
  seed: { type: 'string', default: String(defaults.seed) },
} as const;

export const drawHelp = [
  [
    '--images N',
    `images to calibrate on, drawn at random (${defaults.calibrate}, at most half of the folder); the others judge`,
  ],
  ['--seed N', `seed of every random choice (${defaults.seed})`],
] as const;

export const recoverOption = { recover: { type: 'string', default: defaults.recover } } as const;

export const recoverHelp = [
  '--recover SPEC',
  [
    `how to adapt the weights to the plan: ${defaults.recover} (default), or some of these, joined by +`,
    namesTable(recoveryFormats.map(({ name, summary }) => [name, summary])),
    'settings follow a colon:',
    ...recoveryFormats.map(({ usage }) => `  ${usage}`),
  ].join('\n'),
] as const;

/** Every method, for help texts. */
export const methodTable = namesTable(methods.map(({ name, summary }) => [name, summary]));
/** Every score that ranks patches for all images, for help texts. */
export const scoreTable = namesTable(staticScores.map(({ name, summary }) => [name, summary]));

export const methodHelp = [
  '--method SPEC',
  [
    `how to choose the tokens: ${defaults.method} (default) tries all of these and takes the best on your images`,
    methodTable,
    'settings follow a colon: top-k:score=class-attention,rest=fuse, or patch-slimming:score=rollout,keys=all',
    'those of patch-slimming:',
    namesTable([
      ['score', 'how much a patch matters, by a name of the table below (impact)'],
      ['deeperBlocks', 'while a block is scored, the deeper ones are dense (default) or slimmed (the paper)'],
      ['keys', 'compact (default): removed tokens leave the network; all: they stay as keys and values'],
    ]),
    'scores:',
    scoreTable,
  ].join('\n'),
] as const;

export const scheduleHelp = [
  '--schedule SPEC',
  [
    `how many tokens each block keeps (${defaults.schedule}; with --method, the schedule of its paper if there is one)`,
    namesTable(scheduleFormats.map(({ name, summary, usage }) => [name, `${summary}: ${usage}`])),
  ].join('\n'),
] as const;

/** @throws UsageError */
export function readDraw(values: { readonly images?: string | undefined; readonly seed: string }) {
  return {
    calibrate: values.images === undefined ? undefined : integer('images', values.images, 0),
    seed: integer('seed', values.seed, 0),
  };
}

/** @param option for the error @throws UsageError */
export const readMethod = (option: string, text: string) =>
  text === defaults.method ? text : asUsage(option, () => parseMethod(text));

/** @throws UsageError */
export const readRecovery = (text: string) => asUsage('recover', () => parseRecovery(text));

/**
 * Reads a schedule. A time names the backend that it is meant for.
 *
 * @param option for the error
 * @param backend of `--backend`
 * @throws UsageError also for a time on another backend
 */
export function readSchedule(option: string, text: string, backend: string): Schedule {
  const schedule = asUsage(option, () => parseSchedule(text));
  const wanted = schedule.budget?.backend;
  if (wanted === undefined || backend === autoBackend || backendsOf(backend).includes(wanted))
    return schedule;
  throw new UsageError(
    `--${option}: '${schedule.spec}' is a time on ${wanted}, so it needs --backend ${wanted}, got '${backend}'`,
  );
}

/** Refuses options that do not fit together before they cost any work. @throws UsageError */
export function requireFittingOptions(options: PlanOptions): void {
  asUsage(undefined, () => readRequest(options));
}
