/** `finetune`: the slimmed network learns the labels, and optionally the dense network's classes. */

import type { Recovery } from './recovery.js';
import { readNumber, readTraining, trainingDefaults, type RecoveryFormat } from './recovery-format.js';
import { trainingText, wholeNetwork, type WholeNetworkOptions } from './whole-network.js';

/** Options of `finetune`. */
export interface FinetuneOptions extends WholeNetworkOptions {
  /** Weight of the KL divergence from the dense network's classes, 0 to 1; the labels have the rest. */
  readonly distill: number;
}

/** Label smoothing as in DeiT's recipe. */
const smoothing = 0.1;

/** Trains the whole slimmed network on labels, and optionally on the dense network's classes. */
export function finetune({ distill, ...options }: FinetuneOptions): Recovery {
  const spec = `finetune:${trainingText(options)},distill=${distill}`;
  return wholeNetwork(
    'finetune',
    spec,
    { labels: 1 - distill, logits: distill, features: 0, smoothing },
    options,
  );
}

export const finetuneFormat: RecoveryFormat = {
  name: 'finetune',
  summary: 'the whole network on labels',
  usage: 'finetune[:epochs=10,learn=all|norms|blocks,rate=0.001,matrices=0.03,distill=0]',
  defaults: { ...trainingDefaults, learn: 'all', distill: '0' },
  create: (settings) =>
    finetune({ ...readTraining(settings), distill: readNumber(settings, 'distill', 0, 1) }),
};
