/** The request for a plan: read and checked before any work. */

import { parseSchedule, type Schedule } from '@patchslim/slimming-schedules';
import { PatchslimError } from '@patchslim/tensor';
import { givesEmbedding, type VitConfig } from '@patchslim/vit-models';
import { defaults } from './defaults.js';
import type { Method } from './methods/method.js';
import { methods as allMethods, parseMethod } from './methods/methods.js';
import { parseRecovery } from './recover/parse-recovery.js';
import type { Recovery } from './recover/recovery.js';

/** Options of a plan. `parseMethod`, `parseSchedule` and `parseRecovery` read the texts. */
export interface PlanOptions {
  /** A method, or `auto`: the best of all methods that support the schedule and the recovery. @default 'auto' */
  readonly method?: string | Method | undefined;
  /** @default the schedule of the method's paper if it has one, else `budget:0.5`; for `auto` `budget:0.5` */
  readonly schedule?: string | Schedule | undefined;
  /** Recovery: how to adapt the weights to the plan. @default 'none' */
  readonly recover?: string | readonly Recovery[] | undefined;
}

/** The same options as checked values. */
export interface PlanRequest {
  /** One, or the candidates of `auto`. */
  readonly methods: readonly Method[];
  readonly schedule: Schedule;
  readonly recovery: readonly Recovery[];
  /** Whether the plan uses images. */
  readonly usesImages: boolean;
  /** The request as text, for the key of a job. */
  readonly specs: readonly string[];
}

/** As `method`: the best of all. */
export const auto = 'auto';

/**
 * Reads a request.
 *
 * @param config of the model; without it, only the combination of options is checked
 * @throws UNKNOWN_NAME for a name that does not exist; INVALID_ARGUMENT for invalid settings, or for a method that
 *   does not support the schedule or the recovery, or a recovery that learns labels for an encoder
 */
export function readRequest(options: PlanOptions, config?: VitConfig): PlanRequest {
  const { method = defaults.method, schedule: asked, recover = defaults.recover } = options;
  const recovery = typeof recover === 'string' ? parseRecovery(recover) : recover;
  const chosen = typeof method === 'string' ? (method === auto ? undefined : parseMethod(method)) : method;
  const given = typeof asked === 'string' ? parseSchedule(asked) : asked;
  const schedule = given ?? (config && chosen?.scheduleOf?.(config)) ?? parseSchedule(defaults.schedule);
  const fixing = recovery.find(({ needsPositions }) => needsPositions);
  const needsFixed = fixing !== undefined || !schedule.counts;
  if (chosen && needsFixed && !chosen.fixedPositions) {
    throw new PatchslimError(
      'INVALID_ARGUMENT',
      fixing
        ? `'${fixing.name}' compares rows by their position, and ${chosen.name} chooses tokens image by image; take distill or finetune, or the method patch-slimming`
        : `${chosen.name} needs a schedule whose counts are known beforehand (budget:…, constant:…, counts:…, keep-ratio:…), got '${schedule.spec}'`,
      { method: chosen.name, schedule: schedule.spec },
    );
  }
  const learningPlans = recovery.find(({ needsPlans }) => needsPlans);
  if (learningPlans && (chosen ? chosen.plan : needsFixed)) {
    const { name } = chosen ?? fixing ?? schedule;
    throw new PatchslimError(
      'INVALID_ARGUMENT',
      `'${learningPlans.spec}' adapts weights to plans at several budgets, and ${name} needs images for each plan; take a method that chooses tokens image by image, such as ward, or leave out range`,
      { method: chosen?.name, recovery: learningPlans.spec },
    );
  }
  const learning = recovery.find(({ needsLabels }) => needsLabels);
  if (config && learning && givesEmbedding(config)) {
    throw new PatchslimError(
      'INVALID_ARGUMENT',
      `'${learning.name}' learns labels, and '${config.name}' is an encoder without classes; take distill`,
      { recovery: learning.spec },
    );
  }
  const methods = chosen
    ? [chosen]
    : allMethods.filter(
        ({ fixedPositions, plan }) =>
          (fixedPositions === true || !needsFixed) && (plan === undefined || !learningPlans),
      );
  const usesImages =
    methods.length > 1 || methods[0]!.plan !== undefined || schedule.searches === true || recovery.length > 0;
  const specs = [
    methods.length > 1 ? auto : methods[0]!.name,
    schedule.spec,
    recovery.map(({ spec }) => spec).join('+'),
  ];
  return { methods, schedule, recovery, usesImages, specs };
}
