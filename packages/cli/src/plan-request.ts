/** What `slim` can be asked for: the options that say how a plan is made. */

import { findScore } from '@patchslim/importance-estimators';
import { methods, parseRecovery, recoveryFormats, runtimeMethods } from '@patchslim/slimming';
import { parseSchedule, scheduleFormats, type Schedule } from '@patchslim/slimming-schedules';
import { findByName } from '@patchslim/tensor';
import { autoBackend } from './inputs.js';
import { asUsage, integer, oneOf, UsageError } from './usage.js';

/** Tries all methods and takes the one that changes the classes of the images least. */
export const auto = 'auto';
/** The paper's. */
export const patchSlimming = 'patch-slimming';
const names = [{ name: auto }, ...methods];

/** Loses little without any learning: docs/guide/experiments.md says how it was found. */
const defaultSchedule = 'top-down:tolerance=0.005';
/** Of all other methods. */
const defaultBudget = 'budget:0.5';

/** What only the paper's method can be asked for, and what every other does. */
const ofPatchSlimming = {
  estimator: 'impact',
  attention: 'dense',
  keys: 'compact',
} as const;
const patchSlimmingOptions = ['estimator', 'attention', 'keys'] as const;

export const planningOptions = {
  method: { type: 'string' },
  schedule: { type: 'string' },
  images: { type: 'string' },
  estimator: { type: 'string', default: ofPatchSlimming.estimator },
  attention: { type: 'string', default: ofPatchSlimming.attention },
  keys: { type: 'string', default: ofPatchSlimming.keys },
  recover: { type: 'string', default: 'none' },
  seed: { type: 'string', default: '0' },
} as const;

export const planningHelp = [
  [
    '--method NAME',
    `${auto} (default with a budget): the one of these that changes the classes of the images least | ${methods
      .map(({ name, summary }) => `${name}: ${summary}`)
      .join(' | ')} (default without a budget)`,
  ],
  [
    '--schedule SPEC',
    `${scheduleFormats.map(({ usage }) => usage).join(' | ')}; default: ${defaultSchedule} of ${patchSlimming}, what their papers do of ${runtimeMethods
      .filter(({ preset }) => preset)
      .map(({ name }) => name)
      .join(', ')}, ${defaultBudget} of the others`,
  ],
  [
    '--images N',
    'images to calibrate on, to search a budget with and to recover with, drawn with the seed (256, half of the folder at most, so that the others judge); with 0 a method that chooses at run time spends its budget by a fixed shape',
  ],
  ['--seed N', 'seed of every draw (0)'],
  [
    '--estimator NAME',
    `with ${patchSlimming}: impact (default), class-attention, attention-received, attention-norm, rollout, …`,
  ],
  [
    '--attention MODE',
    `with ${patchSlimming}: slimmed: score with deeper blocks already slimmed, as the paper; dense: one pass (default)`,
  ],
  [
    '--keys compact|all',
    `with ${patchSlimming}: removed tokens leave the network (default), or go on serving as keys and values`,
  ],
  [
    '--recover SPEC',
    `none (default), or ways to adapt the weights, joined by +: ${recoveryFormats.map(({ usage, name }) => (needsPositions(name) ? `with ${patchSlimming}: ${usage}` : usage)).join(' | ')}`,
  ],
] as const;

type Values = Readonly<
  Record<Exclude<keyof typeof planningOptions, 'method' | 'schedule' | 'images'> | 'backend', string>
> & {
  readonly method?: string | undefined;
  readonly schedule?: string | undefined;
  readonly images?: string | undefined;
};

/** Of recoveries by name: whether they take no plan that chooses image by image. */
function needsPositions(name: string): boolean {
  return parseRecovery(name).some((recovery) => recovery.needsPositions);
}

export type PlanRequest = ReturnType<typeof planRequest>;
/** @throws UsageError */
export function planRequest(values: Values) {
  const foreign = patchSlimmingOptions.find((option) => values[option] !== ofPatchSlimming[option]);
  const given = asUsage('schedule', () =>
    values.schedule === undefined ? undefined : parseSchedule(values.schedule),
  );
  const recovery = asUsage('recover', () => parseRecovery(values.recover));
  const fixed = recovery.find(({ needsPositions }) => needsPositions);
  const usual = given?.name === 'budget' && !foreign && !fixed ? auto : patchSlimming;
  const method = asUsage('method', () => findByName(names, values.method ?? usual, 'method')).name;
  const schedule = given ?? parseSchedule(method === patchSlimming ? defaultSchedule : defaultBudget);
  if (method !== patchSlimming && foreign) {
    throw new UsageError(
      `--${foreign}: ${method} knows '${ofPatchSlimming[foreign]}' only, got '${values[foreign]}'`,
    );
  }
  if (method !== patchSlimming && fixed) {
    throw new UsageError(
      `--recover: '${fixed.name}' is for ${patchSlimming}, whose plans keep the same positions of all images; with ${method}: distill or finetune`,
    );
  }
  if (method !== patchSlimming && !schedule.counts) {
    throw new UsageError(
      `--schedule: ${method} needs one whose counts are known beforehand (budget:…, constant:…, counts:…, keep-ratio:…), got '${schedule.spec}'`,
    );
  }
  if (values.backend !== autoBackend) requireBackendOf(schedule, values.backend);
  const atRunTime = runtimeMethods.find(({ name }) => name === method);
  const count = values.images === undefined ? undefined : integer('images', values.images, atRunTime ? 0 : 1);
  // Without a schedule: the plan of its paper, or half of the multiply-accumulates.
  const ofMethod = given ?? (atRunTime?.preset ? undefined : schedule);
  return {
    method,
    schedule,
    atRunTime: atRunTime && {
      method: atRunTime,
      schedule: ofMethod,
      // A budget leaves it to the images how it is spent.
      searches: ofMethod?.budget !== undefined && count !== 0,
    },
    estimator: asUsage('estimator', () => findScore(values.estimator)),
    attention: oneOf('attention', values.attention, ['dense', 'slimmed']),
    keys: oneOf('keys', values.keys, ['compact', 'all']),
    recovery,
    /** Images that make the plan; undefined when it was left open. */
    count,
    seed: integer('seed', values.seed, 0),
  };
}

/**
 * A budget that is a time names the backend that it was meant for.
 * @param running the backend's name; `auto` is none
 * @throws UsageError for another backend
 */
export function requireBackendOf({ budget, spec }: Schedule, running: string): void {
  const wanted = budget?.backend ?? running;
  if (wanted === running) return;
  throw new UsageError(
    `--schedule: '${spec}' is a time on ${wanted}, so it needs --backend ${wanted}, got '${running}'`,
  );
}
