/** Shared by `distill` and `finetune`: all blocks of the slimmed network learn together. */

import { toPlanBlocks } from '@patchslim/token-reducers';
import { adamW } from '@patchslim/training';
import type { BlockPlan } from '@patchslim/vit-models';
import type { Trainable } from '../learn/trainable-params.js';
import type { Objective } from '../learn/objective.js';
import { readProgress, writeProgress } from '../learn/saved-progress.js';
import { trainNetwork } from '../learn/train-network.js';
import type { Recovery } from './recovery.js';

export interface WholeNetworkOptions {
  /** Largest number of epochs. Training stops early when the held-out images no longer improve. */
  readonly epochs: number;
  /** Peak learning rate of norms, biases and embeddings. */
  readonly rate: number;
  readonly trainable: Trainable;
  /** Factor on the rate of matrices. */
  readonly matrixRate: number;
  /** The weights shall serve every budget between these. By default they serve the plan alone. */
  readonly range?: Budgets | undefined;
}

/** What learns, and how fast, as settings of a recovery. */
export const trainingText = ({ epochs, rate, trainable, matrixRate }: WholeNetworkOptions): string =>
  `epochs=${epochs},rate=${rate},learn=${trainable}${trainable === 'norms' ? '' : `,matrices=${matrixRate}`}`;

/** The least and the most, as shares of the dense multiply-accumulates. */
export type Budgets = readonly [least: number, most: number];

/** Training on both ends and the middle also serves the budgets between them. */
const sharesOf = ([least, most]: Budgets): number[] => [least, (least + most) / 2, most];

/** The plan itself may be one of those in the range. */
function different(plans: readonly (readonly BlockPlan[])[]): (readonly BlockPlan[])[] {
  return [...new Map(plans.map((plan) => [JSON.stringify(toPlanBlocks(plan)), plan])).values()];
}

/** Images are mirrored, and shifted by up to this share of their side. */
const shift = 1 / 28;

/** Saved state after each epoch. */
const entry = 'epochs';

/** Epochs without improvement before training stops. */
const patience = 3;

export function wholeNetwork(
  name: string,
  spec: string,
  objective: Objective,
  { epochs, rate, trainable, matrixRate, range }: WholeNetworkOptions,
): Recovery {
  return {
    name,
    spec,
    needsPositions: false,
    needsLabels: objective.labels > 0,
    needsPlans: range !== undefined,
    async recover(dense, start, plan, { images, saved, planAt, ...context }) {
      // Saving in memory would gain nothing, and the state of the optimizer is large.
      const kept = saved?.lasts ? saved : undefined;
      const { params } = await trainNetwork(start, images, {
        ...context,
        plans: different([plan, ...(range ? sharesOf(range).map(planAt!) : [])]),
        teacher: dense,
        objective,
        trainable,
        epochs,
        rate,
        optimizer: adamW({ matrixRate }),
        clip: 1,
        augment: { flip: true, shift: Math.round(shift * dense.config.imageSize) },
        patience,
        stage: name,
        resume: kept && (await readProgress(kept, entry)),
        onEpoch: kept && ((_, progress) => writeProgress(kept, entry, progress)),
      });
      return params;
    },
  };
}
