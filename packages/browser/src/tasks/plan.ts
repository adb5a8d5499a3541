/** A plan without images. */

import { slim } from '@patchslim/slimming';
import type { SlimPlan } from '@patchslim/slimming-schedules';
import type { LongCallOptions } from '@patchslim/tensor';
import type { Session } from '../session.js';
import type { PlanRequest } from '../tasks.js';

/**
 * Makes a plan with a method that chooses tokens while the network runs. A time budget is measured here, which takes
 * some seconds.
 * @throws as `slim` of `@patchslim/slimming`
 */
export async function planTask(
  session: Session,
  { method = 'ward', schedule }: PlanRequest,
  context: LongCallOptions,
): Promise<SlimPlan> {
  return session.use('plan', async ({ model }) => {
    return (await slim(model, undefined, { ...context, method, schedule })).plan;
  });
}
