/** `distill`: the slimmed network learns the outputs of the dense network, without labels. */

import type { Recovery } from './recovery.js';
import {
  noRange,
  readBudgets,
  readNumber,
  readTraining,
  trainingDefaults,
  type RecoveryFormat,
} from './recovery-format.js';
import { trainingText, wholeNetwork, type WholeNetworkOptions } from './whole-network.js';

/** Options of `distill`. */
export interface DistillOptions extends WholeNetworkOptions {
  /** Weight of the relative error of the tokens after each block, added to the divergence of the outputs. */
  readonly features: number;
}

/** Trains the whole slimmed network on the classes, or of an encoder the embeddings, and the features of the dense network. No labels. */
export function distill({ features, ...options }: DistillOptions): Recovery {
  const { range } = options;
  const budgets = range ? `,range=${range.join('..')}` : '';
  const spec = `distill:${trainingText(options)},features=${features}${budgets}`;
  return wholeNetwork('distill', spec, { labels: 0, logits: 1, features, smoothing: 0 }, options);
}

export const distillFormat: RecoveryFormat = {
  name: 'distill',
  summary: 'the whole network against the dense one, no labels',
  usage: 'distill[:epochs=10,learn=norms|all|blocks,rate=0.001,matrices=0.03,features=1,range=0.4..0.7]',
  defaults: { ...trainingDefaults, learn: 'norms', features: '1', range: noRange },
  create: (settings) =>
    distill({
      ...readTraining(settings),
      features: readNumber(settings, 'features', 0),
      range: readBudgets(settings),
    }),
};
