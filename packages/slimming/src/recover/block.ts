/**
 * `block`: the paper's fine-tuning, for an existing plan. From the output to the input, each block learns alone, on
 * original features, to reduce the error one block above. A top-down search does the same inside its loop.
 */

import type { ImageSet } from '@patchslim/datasets';
import { throwIfAborted } from '@patchslim/tensor';
import { createAdaptedNetwork } from '../learn/adapted-network.js';
import { hostParams } from '../learn/host-params.js';
import { trainBlock, type BlockTraining } from '../learn/train-block.js';
import { collectExamples } from '../learn/block-examples.js';
import type { Recovery } from './recovery.js';
import { readSteps, type RecoveryFormat } from './recovery-format.js';

/** Epochs for each block, and the peak learning rate. */
export type BlockRecoveryOptions = Pick<BlockTraining, 'epochs' | 'rate'>;

/** The paper's recovery. A top-down search can also use it inside its loop. */
export interface BlockRecovery extends Recovery {
  readonly name: 'block';
  /** For the top-down search. */
  readonly training: BlockRecoveryOptions;
}

/** Fine-tunes each block alone, so that the features one block above match the dense network's. No labels. */
export function blockRecovery(training: BlockRecoveryOptions): BlockRecovery {
  return {
    name: 'block',
    spec: `block:epochs=${training.epochs},rate=${training.rate}`,
    needsPositions: true,
    training,
    async recover(dense, start, plan, context) {
      const { images, heldBack, batchSize, seed, signal, onProgress } = context;
      const network = createAdaptedNetwork(start);
      const learn = await collectExamples(dense, network, images, { batchSize, signal, onProgress });
      try {
        const held = await collectExamples(dense, network, heldBack, { batchSize, signal });
        try {
          const blocks = dense.config.depth - 1;
          for (let block = blocks - 1; block >= 0; block--) {
            throwIfAborted(signal, 'block recovery');
            if (plan[block]!.kind !== 'dense') {
              const examples = { learn: await learn.of(block), heldBack: await held.of(block) };
              const options = { ...training, batchSize, seed, signal };
              network.adapt(block, await trainBlock(network.model, examples, block, plan, options));
            }
            onProgress?.({ stage: 'recover', done: blocks - block, total: blocks, unit: 'blocks' });
          }
          return await hostParams(network.model.params);
        } finally {
          await held.close();
        }
      } finally {
        network.dispose();
        await learn.close();
      }
    },
  };
}

/** The recovery of a top-down search, and the images that choose the best epoch of each block. */
export interface RecoveryInSearch {
  readonly recovery: BlockRecovery;
  readonly choose: ImageSet;
}

export const isBlockRecovery = (recovery: Recovery): recovery is BlockRecovery => recovery.name === 'block';

export const blockFormat: RecoveryFormat = {
  name: 'block',
  summary: 'the paper: each block alone, no labels',
  usage: 'block[:epochs=3,rate=0.0003]',
  defaults: { epochs: '3', rate: '0.0003' },
  create: (settings) => blockRecovery(readSteps(settings)),
};
