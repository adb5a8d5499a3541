/** Dense against slimmed time. */

import { compareSpeed } from '@patchslim/slimming';
import { blocksFor } from '@patchslim/slimming-schedules';
import type { LongCallOptions } from '@patchslim/tensor';
import type { Session } from '../session.js';
import type { Measurement, MeasureRequest } from '../tasks.js';

/** @throws as `compareSpeed`; `PLAN_INVALID`, `PLAN_MISMATCH` */
export async function measureTask(
  session: Session,
  { plan, batch, runs }: MeasureRequest,
  context: LongCallOptions,
): Promise<Measurement> {
  return session.use('measure', async ({ model }) => {
    const blocks = blocksFor(plan, model);
    const [result] = await compareSpeed(model, blocks, { ...context, batches: [batch], runs });
    return result!;
  });
}
