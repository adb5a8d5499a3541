/** The schedule `search`: counts within a budget with the smallest divergence on images. */

import type { Schedule, PlanStep } from '@patchslim/slimming-schedules';
import { pairedDifference } from '../intervals/paired-difference.js';
import { countsOf } from '../counted-plan.js';
import { measureOf } from '../head/head.js';
import { imagesOf, type Job } from '../job/job.js';
import { splitImages } from '../job/split-images.js';
import type { ScheduleCost } from '../latency/schedule-cost.js';
import type { Method } from '../methods/method.js';
import { mean, searchCounts } from './search-counts.js';
import { openCountWalk, type CountWalk } from './walk-counts.js';

/**
 * Starts with the counts of the budget, and searches on half of the images for counts with the smallest KL divergence
 * from the dense network's classes, or of an encoder 1 − cosine to its embedding. Labels are not used. The other half decides: the found counts are accepted only
 * if they are significantly better there.
 * @throws INVALID_ARGUMENT for a budget that is too small; DATA_INVALID for fewer than two images; NUMERICAL;
 *   ABORTED; errors of decoding
 */
export async function searchedCounts(
  job: Job,
  method: Method,
  schedule: Schedule,
  cost: ScheduleCost,
): Promise<{ readonly counts: readonly number[]; readonly step: PlanStep }> {
  const { config } = job.model;
  const start = countsOf(schedule, config, cost.costOf, method);
  const { calibrate, choose } = splitImages(imagesOf(job, schedule.spec), {
    ...{ share: 0.5, seed: job.seed, purpose: schedule.spec },
  });
  const walking = async <T>(images: typeof calibrate, use: (walk: CountWalk) => Promise<T>): Promise<T> => {
    const walk = await openCountWalk(job.model, method.blockOf, images, job);
    try {
      return await use(walk);
    } finally {
      await walk.close();
    }
  };
  const found = await walking(calibrate, (walk) =>
    searchCounts(walk, config, method.blockOf, start, { ...job, ...cost, most: schedule.budget!.most }),
  );
  const [before, after] = await walking(choose, (walk) => walk.divergences([start, found.counts]));
  const { interval } = pairedDifference(before!, after!);
  const taken = interval[1] < 0 ? 'found' : 'start';
  return {
    counts: taken === 'found' ? found.counts : start,
    step: {
      step: 'searched',
      ...measureOf(config),
      images: calibrate.count,
      judges: before!.length,
      candidates: found.candidates,
      start: { counts: [...start], divergence: mean(before!) },
      found: { counts: [...found.counts], divergence: mean(after!) },
      interval: [...interval],
      taken,
    },
  };
}
