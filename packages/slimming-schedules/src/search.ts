/** Counts within a budget, searched on images instead of a fixed shape. */

import { budgetSchedule, parseBudget } from './budget.js';
import type { Schedule } from './schedule.js';
import type { ScheduleFormat } from './schedule-format.js';

/**
 * Starts with the counts of `budgetSchedule`. `slim` then tries others on images, and accepts them only if they are
 * significantly better on unseen images.
 *
 * @param most share of the dense multiply-accumulates, or with `backend` the time of one image on it in ms
 * @throws as `budgetSchedule`
 */
export function searchSchedule(most: number, backend?: string): Schedule {
  const fixed = budgetSchedule(most, backend);
  return { ...fixed, name: 'search', spec: fixed.spec.replace('budget:', 'search:'), searches: true };
}

const usage = 'search:0.5, search:12ms@native';

export const searchFormat: ScheduleFormat = {
  name: 'search',
  summary: 'a budget, whose counts are searched for on images',
  usage,
  parse: (text) => searchSchedule(...parseBudget(text, usage)),
};
