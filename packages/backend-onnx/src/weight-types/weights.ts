/** Selects the constants of a graph that count as weights, and throws for one that does not fit its storage type. */

import { PatchslimError } from '@patchslim/tensor';
import type { Graph, Initializer } from '../graph.js';

/** Constants of fewer elements (norms, biases, scalars) stay float32: extra nodes would cost more than they save. */
const smallestWeight = 1024;

export interface Weight extends Initializer {
  readonly data: Float32Array;
}

export function isWeight(initializer: Initializer): initializer is Weight {
  return initializer.dtype === 'float32' && initializer.data.length >= smallestWeight;
}

/** Throws for a weight and names the first node that uses it. */
export function refuse(graph: Graph, { name }: Weight, value: number, type: string, why: string): never {
  const where = graph.nodes.find((node) => node.inputs.includes(name))?.name ?? 'an output';
  throw new PatchslimError(
    'INVALID_ARGUMENT',
    `record(): the weight of ${where} holds ${value}, which ${type} cannot store: ${why}; keep the weights float32`,
    { where, value },
  );
}
