/** Schedules as text: `name:arguments`. */

import { findByName } from '@patchslim/tensor';
import * as list from './list.js';
import type { Schedule } from './schedule.js';
import type { ScheduleFormat } from './schedule-format.js';

/** The schedules that `parseSchedule` reads, in alphabetical order. */
export const scheduleFormats: readonly ScheduleFormat[] = Object.values(list);

/**
 * Reads `budget:…`, `constant:…`, `counts:…`, `keep-ratio:…`, `search:…` or `top-down:…`.
 * @throws UNKNOWN_NAME, INVALID_ARGUMENT
 * @example parseSchedule('keep-ratio:0.7@4,7,10')
 */
export function parseSchedule(text: string): Schedule {
  const colon = text.indexOf(':');
  const name = colon < 0 ? text : text.slice(0, colon);
  return findByName(scheduleFormats, name, 'schedule').parse(colon < 0 ? '' : text.slice(colon + 1));
}
