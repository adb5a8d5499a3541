/** The options that say how a plan is made, of `slim` and `compare`. The library checks that they fit together. */

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
    ...recoveryFormats.map(({ usage }) => `  ${usage}`),
  ].join('\n'),
] as const;

const names = (list: readonly { readonly name: string }[]): string => list.map(({ name }) => name).join(', ');
const otherScores = staticScores.filter(({ name }) => name !== 'impact');
const longest = Math.max(...methods.map(({ name }) => name.length));

export const methodHelp = [
  '--method SPEC',
  [
    `how to choose the tokens: ${defaults.method} (default) tries all of these and takes the best on your images`,
    ...methods.map(({ name, summary }) => `  ${name.padEnd(longest)}  ${summary}`),
    'settings follow a colon: top-k:score=class-attention,rest=fuse, or patch-slimming:score=rollout,keys=all',
    'those of patch-slimming:',
    `  score         impact (default) or ${names(otherScores)}`,
    '  deeperBlocks  while a block is scored, the deeper ones are dense (default) or slimmed (the paper)',
    '  keys          compact (default): removed tokens leave the network; all: they stay as keys and values',
  ].join('\n'),
] as const;

export const scheduleHelp = [
  '--schedule SPEC',
  [
    `how many tokens each block keeps (${defaults.schedule}; with --method, the schedule of its paper if there is one)`,
    ...scheduleFormats.map(({ usage }) => `  ${usage}`),
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
  if (wanted === undefined || wanted === backend || backend === autoBackend) return schedule;
  throw new UsageError(
    `--${option}: '${schedule.spec}' is a time on ${wanted}, so it needs --backend ${wanted}, got '${backend}'`,
  );
}

/** Refuses options that do not fit together before they cost any work. @throws UsageError */
export function requireFittingOptions(options: PlanOptions): void {
  asUsage(undefined, () => readRequest(options));
}
