/** Jobs for tests of what a job is handed to: all images have a part in it. */

import type { ImageSet } from '@patchslim/datasets';
import type { VitModel } from '@patchslim/vit-models';
import { jobOn, type Job, type JobOptions } from '../src/job/job.js';

export function jobFor(model: VitModel, images?: ImageSet, options: JobOptions = {}): Promise<Job> {
  return jobOn(model, images, { batchSize: 4, ...options }, []);
}
