/** Counts within a budget, searched on images instead of a fixed shape. */

import { budgetSchedule } from './budget.js';
import type { Schedule } from './schedule.js';

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
