/** `auto`: the recovery that suits the plan and the images, and the reason for it. */

import { dependsOnImage, type BlockPlan } from '@patchslim/vit-models';
import { meanDivergence } from '../compare/divergence.js';
import { predict } from '../evaluate.js';
import { hostParams } from '../learn/host-params.js';
import { blockRecovery } from './block.js';
import { distill } from './distill.js';
import type { Recovery } from './recovery.js';
import type { RecoveryFormat } from './recovery-format.js';

/** The situation that decides. */
export interface RecoverySituation {
  /** Images to learn from. */
  readonly images: number;
  /** Mean divergence of the slimmed outputs from the dense ones, on images that do not learn. */
  readonly divergence: number;
  readonly plan: readonly BlockPlan[];
}

/** A recovery, or none, and the reason in words. */
export interface RecoveryChoice {
  readonly recovery: Recovery | undefined;
  readonly because: string;
}

/** With fewer images, learning gained nothing that could be measured (docs/guide/experiments.md). */
const fewestImages = 200;
/** A plan that is as near as this moved away from the dense network when its weights learned. */
const nearEnough = 0.01;
/** From this number on, the default rate of norms and biases is too high. */
const manyImages = 2000;
const rates = { few: 0.001, many: 0.0006 };

/** The recovery that gained most in our measurements (docs/guide/experiments.md). No labels. */
export function chooseRecovery({ images, divergence, plan }: RecoverySituation): RecoveryChoice {
  if (images < fewestImages) {
    return { recovery: undefined, because: `${images} images are too few to learn from (${fewestImages})` };
  }
  if (divergence < nearEnough) {
    return {
      recovery: undefined,
      because: `the outputs are near the dense ones (${divergence.toPrecision(2)}, limit ${nearEnough})`,
    };
  }
  if (!dependsOnImage(plan)) {
    return {
      recovery: blockRecovery({ epochs: 3, rate: 0.0003 }),
      because: 'the plan keeps the same positions in every image, so each block can learn its own features',
    };
  }
  const rate = images < manyImages ? rates.few : rates.many;
  return {
    recovery: distill({ epochs: 4, rate, trainable: 'norms', matrixRate: 1, features: 1 }),
    because: 'the plan chooses tokens image by image, so all blocks must learn together',
  };
}

/** Takes the recovery that `chooseRecovery` gives; its choice goes to `onChoice` of the context. */
export const auto: Recovery = {
  name: 'auto',
  spec: 'auto',
  needsPositions: false,
  async recover(dense, start, plan, context) {
    const { heldBack, batchSize, signal, onChoice } = context;
    const outputs = async (model: typeof dense, blocks?: readonly BlockPlan[]) =>
      (await predict(model, heldBack, { batchSize, signal, plan: blocks, keepLogits: true })).logits!;
    const divergence = meanDivergence(await outputs(start, plan), await outputs(dense), dense.config);
    const { recovery, because } = chooseRecovery({ images: context.images.count, divergence, plan });
    onChoice?.({ recovery: recovery?.spec ?? 'none', because });
    return recovery ? recovery.recover(dense, start, plan, context) : hostParams(start.params);
  },
};

export const autoFormat: RecoveryFormat = {
  name: 'auto',
  summary: 'none, block or distill, as plan and images suggest; no labels',
  usage: 'auto',
  defaults: {},
  create: () => auto,
};
