/**
 * DPS (§4.4 of the paper): a predictor in the block selects the tokens of each image. Every image keeps the same
 * number.
 */

import { PatchslimError } from '@patchslim/tensor';
import { reduceTo } from '@patchslim/token-reducers';
import { prefixTokens, readsPatches, tokenCount } from '@patchslim/vit-models';
import { countsOf, planOfCounts, type BlockOf } from '../counted-plan.js';
import { imagesOf, type Job } from '../job/job.js';
import { fitPredictors, groupsOf } from '../predictor/fit-predictors.js';
import type { Method, PlannedBlocks, MethodRequest } from './method.js';

/** The cost of a block does not depend on the weights of its predictor. */
const unfitted: BlockOf = (place) => {
  const { config } = place;
  const positions = Array<number>(tokenCount(config)).fill(0);
  const weights = Array<number>(groupsOf(config.width)).fill(0);
  return reduceTo('top-k', place, { score: { name: 'predictor', positions, weights } });
};

/**
 * Where the counts of the schedule fall, a block ranks the tokens by a predictor of impact that is fitted to images.
 */
export const dps: Method = {
  name: 'dps',
  summary: 'keeps the tokens that a predictor, fitted to your images, scores highest (DPS)',
  blockOf: unfitted,
  plan: planWithPredictors,
};

async function planWithPredictors(job: Job, { schedule, cost }: MethodRequest): Promise<PlannedBlocks> {
  const { config } = job.model;
  const images = imagesOf(job, 'dps');
  const counts = countsOf(schedule, config, cost.costOf, dps);
  const ranking = planOfCounts(config, counts, unfitted).flatMap(({ kind }, block) =>
    kind === 'reduce' ? [block] : [],
  );
  if (ranking.includes(config.depth - 1) && !readsPatches(config)) {
    throw new PatchslimError(
      'INVALID_ARGUMENT',
      `dps: expected ${prefixTokens(config)} in the last block, because the classifier reads nothing else, got ${counts.join(',')}`,
      { counts },
    );
  }
  const fitted = await fitPredictors(job.model, images, { ...job, blocks: ranking });
  const predictors = new Map(ranking.map((block, i) => [block, fitted[i]!]));
  const perBlock = (part: 'r2' | 'staticR2') =>
    counts.map((_, block) => {
      const value = predictors.get(block)?.[part];
      return value === undefined ? null : Number(value.toPrecision(4));
    });
  return {
    blocks: planOfCounts(config, counts, (place) =>
      reduceTo('top-k', place, { score: predictors.get(place.block)!.score }),
    ),
    steps: [
      {
        ...{ step: 'fitted', score: 'impact', images: images.count },
        ...{ r2: perBlock('r2'), staticR2: perBlock('staticR2') },
      },
    ],
  };
}
