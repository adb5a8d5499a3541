/** A plan without images. */

import { findRuntimeMethod, scheduleCost, slimAtRunTime } from '@patchslim/slimming';
import { parseSchedule, type SlimPlan } from '@patchslim/slimming-schedules';
import type { LongCallOptions } from '@patchslim/tensor';
import type { Session } from '../session.js';
import type { PlanRequest } from '../tasks.js';

/** A budget that is a time is measured here, which takes some seconds. @throws as `slimAtRunTime` */
export async function planTask(
  session: Session,
  { method = 'ward', schedule }: PlanRequest,
  context: LongCallOptions,
): Promise<SlimPlan> {
  const chosen = findRuntimeMethod(method);
  const parsed = parseSchedule(schedule);
  return session.use('plan', async ({ model }) => {
    const cost = await scheduleCost(model, parsed, chosen.entry, context);
    return slimAtRunTime(model, chosen, parsed, cost);
  });
}
