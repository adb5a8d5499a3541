/** `distill`: the slimmed network learns to answer as the dense one does, without labels. */

import type { Recovery } from './recovery.js';
import { wholeNetwork, type WholeNetworkOptions } from './whole-network.js';

export interface DistillOptions extends WholeNetworkOptions {
  /** Weight of the relative error of the tokens behind each block, beside the divergence of the classes. */
  readonly features: number;
}

export function distill({ features, ...options }: DistillOptions): Recovery {
  const { epochs, rate, learning } = options;
  const spec = `distill:epochs=${epochs},rate=${rate},learn=${learning},features=${features}`;
  return wholeNetwork('distill', spec, { labels: 0, logits: 1, features, smoothing: 0 }, options);
}
