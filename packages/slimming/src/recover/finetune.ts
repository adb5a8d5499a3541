/** `finetune`: the slimmed network learns the labels, and the dense network's classes beside them if asked. */

import type { Recovery } from './recovery.js';
import { byTrainable, readNumber, readTraining, type RecoveryFormat } from './recovery-format.js';
import { wholeNetwork, type WholeNetworkOptions } from './whole-network.js';

/** Options of `finetune`. */
export interface FinetuneOptions extends WholeNetworkOptions {
  /** Weight of the divergence from the dense network's classes, from 0 to 1; the labels have the rest. */
  readonly distill: number;
}

/** Label smoothing as in DeiT's recipe. */
const smoothing = 0.1;

/** The whole slimmed network learns labels and, if asked, the dense network's classes. */
export function finetune({ distill, ...options }: FinetuneOptions): Recovery {
  const { epochs, rate, trainable } = options;
  const spec = `finetune:epochs=${epochs},rate=${rate},learn=${trainable},distill=${distill}`;
  return wholeNetwork(
    'finetune',
    spec,
    { labels: 1 - distill, logits: distill, features: 0, smoothing },
    options,
  );
}

export const finetuneFormat: RecoveryFormat = {
  name: 'finetune',
  usage: 'finetune[:epochs=10,learn=all|norms|blocks,rate=0.00005|0.001,distill=0] (whole network on labels)',
  defaults: { epochs: '10', rate: byTrainable, learn: 'all', distill: '0' },
  create: (settings) =>
    finetune({ ...readTraining(settings), distill: readNumber(settings, 'distill', 0, 1) }),
};
