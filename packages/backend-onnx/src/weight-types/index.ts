/**
 * Storage types of the weights in an exported graph. Each is a transformation of the finished graph, so it works with every
 * plan and batch.
 */

import { findByName, PatchslimError } from '@patchslim/tensor';
import type { Form, Graph } from '../graph.js';
import { withHalfWeights } from './float16.js';
import { withInt8Weights } from './int8.js';

const transformations = [
  { name: 'float32', apply: (graph: Graph) => graph },
  { name: 'float16', apply: withHalfWeights },
  { name: 'int8', apply: withInt8Weights },
] as const;

/** `float16` halves the file and computes in float32; `int8` quarters it and multiplies in integers. */
export type WeightType = (typeof transformations)[number]['name'];

/** All of them, `float32` first. */
export const weightTypes: readonly WeightType[] = transformations.map(({ name }) => name);

/** @throws `UNKNOWN_NAME`; `INVALID_ARGUMENT` when a weight does not fit the type, or the form cannot compute with it */
export function storeWeightsAs(type: WeightType, graph: Graph, form: Form): Graph {
  const { name, apply } = findByName(transformations, type, 'type of weights');
  if (name === 'int8' && form === 'webgpu') {
    throw new PatchslimError(
      'INVALID_ARGUMENT',
      "record(): int8 weights need integer products, which ONNX Runtime's WebGPU provider lacks; use float16, or the form portable or runtime",
    );
  }
  return apply(graph);
}
