/** Counts within a budget, searched for on images instead of taken from a fixed shape. */

import { budgetSchedule, parseBudget } from './budget.js';
import type { Schedule } from './schedule.js';
import type { ScheduleFormat } from './schedule-format.js';

/**
 * Begins with the counts of `budgetSchedule`. Who makes plans tries others on images, and takes those that are significantly
 * better on images that the search has not seen.
 *
 * @param most share of the dense multiply-accumulates, or with `backend` the time of one image on it in ms
 * @throws as `budgetSchedule`
 */
export function searchSchedule(most: number, backend?: string): Schedule {
  const fixed = budgetSchedule(most, backend);
  return { ...fixed, name: 'search', spec: fixed.spec.replace('budget:', 'search:'), searches: true };
}

const usage = 'search:0.5, search:12ms@native (a budget, whose counts are searched for on images)';

export const searchFormat: ScheduleFormat = {
  name: 'search',
  usage,
  parse: (text) => searchSchedule(...parseBudget(text, usage)),
};
