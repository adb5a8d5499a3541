/** Jobs for tests: all images are used for the plan. */

import type { ImageSet } from '@patchslim/datasets';
import type { VitModel } from '@patchslim/vit-models';
import { jobOn, type Job, type JobOptions } from '../src/job/job.js';

export function jobFor(model: VitModel, images?: ImageSet, options: JobOptions = {}): Promise<Job> {
  return jobOn(model, images, { batchSize: 4, ...options }, []);
}
