/** `distill`: the slimmed network learns the outputs of the dense network, without labels. */

import type { Recovery } from './recovery.js';
import { wholeNetwork, type WholeNetworkOptions } from './whole-network.js';

/** Options of `distill`. */
export interface DistillOptions extends WholeNetworkOptions {
  /** Weight of the relative error of the tokens after each block, added to the KL divergence of the classes. */
  readonly features: number;
}

/** Trains the whole slimmed network on the classes and the features of the dense network. No labels. */
export function distill({ features, ...options }: DistillOptions): Recovery {
  const { epochs, rate, trainable } = options;
  const spec = `distill:epochs=${epochs},rate=${rate},learn=${trainable},features=${features}`;
  return wholeNetwork('distill', spec, { labels: 0, logits: 1, features, smoothing: 0 }, options);
}
