/** The options that say how a plan is made. `slim` and `compare` read them; the library checks that they fit together. */

import { defaults, methods, parseMethod, parseRecovery, recoveryFormats } from '@patchslim/slimming';
import { parseSchedule, scheduleFormats, type Schedule } from '@patchslim/slimming-schedules';
import { autoBackend } from './inputs.js';
import { asUsage, integer, UsageError } from './usage.js';

/** Of commands that draw images. */
export const drawOptions = {
  calibrate: { type: 'string' },
  seed: { type: 'string', default: String(defaults.seed) },
} as const;

export const drawHelp = [
  [
    '--calibrate N',
    `images that have a part in the plan, drawn with the seed (${defaults.calibrate}, half of the folder at most); all others judge`,
  ],
  ['--seed N', `seed of every draw (${defaults.seed})`],
] as const;

export const recoverOption = { recover: { type: 'string', default: defaults.recover } } as const;

export const recoverHelp = [
  '--recover SPEC',
  `${defaults.recover} (default), or ways to adapt the weights to the plan, joined by +: ${recoveryFormats.map(({ usage }) => usage).join(' | ')}`,
] as const;

export const methodHelp = [
  '--method SPEC',
  `${defaults.method} (default): the best of these on your images | ${methods
    .map(({ name, summary }) => `${name}: ${summary}`)
    .join(' | ')} | any of them with settings: patch-slimming:score=rollout,deeperBlocks=slimmed,keys=all`,
] as const;

export const scheduleHelp = [
  '--schedule SPEC',
  `${scheduleFormats.map(({ usage }) => usage).join(' | ')}; default: ${defaults.schedule}; of a method whose paper gives a schedule, that one`,
] as const;

/** @throws UsageError */
export function readDraw(values: { readonly calibrate?: string | undefined; readonly seed: string }) {
  return {
    calibrate: values.calibrate === undefined ? undefined : integer('calibrate', values.calibrate, 1),
    seed: integer('seed', values.seed, 0),
  };
}

/** Names of what there is not cost no time: they are read before any work. @throws UsageError */
export const readMethod = (text: string | undefined) =>
  text === undefined || text === defaults.method
    ? defaults.method
    : asUsage('method', () => parseMethod(text));

/** @throws UsageError */
export const readRecovery = (text: string) => asUsage('recover', () => parseRecovery(text));

/**
 * Reads a schedule. A time names the backend that it is meant for.
 *
 * @param backend of `--backend`
 * @throws UsageError also for a time on another backend
 */
export function readSchedule(text: string, backend: string): Schedule {
  const schedule = asUsage('schedule', () => parseSchedule(text));
  const wanted = schedule.budget?.backend;
  if (wanted === undefined || wanted === backend || backend === autoBackend) return schedule;
  throw new UsageError(
    `--schedule: '${schedule.spec}' is a time on ${wanted}, so it needs --backend ${wanted}, got '${backend}'`,
  );
}
