/** Plans for tests in one call: `slim` without images, with a method that chooses tokens while the network runs. */

import type { SlimPlan } from '@patchslim/slimming-schedules';
import type { VitModel } from '@patchslim/vit-models';
import { slim } from '../src/index.js';

export async function planOf(model: VitModel, method: string, schedule = 'budget:0.5'): Promise<SlimPlan> {
  return (await slim(model, undefined, { method, schedule })).plan;
}
