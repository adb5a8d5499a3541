/** A head whose classes exclude each other. */

import { int32 } from '@patchslim/tensor';
import { crossEntropy, distillation } from '@patchslim/training';
import type { HeadConfig } from '@patchslim/vit-models';
import type { Head } from './head.js';
import { requireLabel } from './require-label.js';

export function softmaxHead(config: HeadConfig): Head {
  return {
    activation: 'softmax',
    measure: 'kl',
    probabilities: (logits) => logSoftmax(logits).map(Math.exp),
    divergence(logits, reference) {
      const [p, q] = [logSoftmax(reference), logSoftmax(logits)];
      return p.reduce((sum, value, c) => sum + Math.exp(value) * (value - q[c]!), 0);
    },
    labelLoss: crossEntropy,
    distillationLoss: distillation,
    labelSpec: (batchSize) => ({ shape: [batchSize], dtype: 'int32' }),
    labelsOf({ labels, ids }, set) {
      if (!labels) return undefined;
      labels.forEach((label, image) => requireLabel(label, config, ids[image]!, set));
      return int32([labels.length], labels);
    },
  };
}

function logSoftmax(row: Float32Array): Float64Array {
  const top = row.reduce((most, value) => Math.max(most, value), -Infinity);
  const total = row.reduce((sum, value) => sum + Math.exp(value - top), 0);
  return Float64Array.from(row, (value) => value - top - Math.log(total));
}
