/** Which constants of a graph count as weights, and what is said of one that cannot be stored as asked. */

import { PatchslimError } from '@patchslim/tensor';
import type { Graph, Initializer } from '../graph.js';

/** Smaller constants (norms, biases, scalars) stay float32: the nodes around them would take what they save. Elements. */
const smallestWeight = 1024;

export interface Weight extends Initializer {
  readonly data: Float32Array;
}

export function isWeight(initializer: Initializer): initializer is Weight {
  return initializer.dtype === 'float32' && initializer.data.length >= smallestWeight;
}

/** Refuses a weight, naming the first node that uses it. */
export function refuse(graph: Graph, { name }: Weight, value: number, type: string, why: string): never {
  const where = graph.nodes.find((node) => node.inputs.includes(name))?.name ?? 'an output';
  throw new PatchslimError(
    'INVALID_ARGUMENT',
    `record(): the weight of ${where} holds ${value}, which ${type} cannot store: ${why}; keep the weights float32`,
    { where, value },
  );
}
