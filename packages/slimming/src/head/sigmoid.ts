/** A head with a sigmoid for each class: an image has each class or not, whatever the others are. */

import { float32 } from '@patchslim/tensor';
import { binaryCrossEntropy, binaryDistillation } from '@patchslim/training';
import type { HeadConfig } from '@patchslim/vit-models';
import type { Head } from './head.js';
import { targetsOf } from './targets.js';

export function sigmoidHead(config: HeadConfig): Head {
  const { classes } = config;
  return {
    activation: 'sigmoid',
    measure: 'kl',
    probabilities: (logits) => Float64Array.from(logits, sigmoid),
    /** The sum of the divergences of the classes, each of which is yes or no. */
    divergence: (logits, reference) =>
      reference.reduce((sum, t, c) => {
        const s = logits[c]!;
        return sum + sigmoid(t) * (t - s) + softplus(s) - softplus(t);
      }, 0),
    labelLoss: binaryCrossEntropy,
    distillationLoss: binaryDistillation,
    labelSpec: (batchSize) => ({ shape: [batchSize, classes], dtype: 'float32' }),
    labelsOf(batch, set) {
      const targets = targetsOf(batch, config, set);
      return targets && float32([batch.ids.length, classes], Float32Array.from(targets));
    },
  };
}

const sigmoid = (x: number): number => (x < 0 ? Math.exp(x) / (1 + Math.exp(x)) : 1 / (1 + Math.exp(-x)));

/** `log(1 + exp(x))`, without overflow. */
const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
