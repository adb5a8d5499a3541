/** Weights stored as float16 and cast back before use: half the file, the same float32 arithmetic. */

import { toHalves } from '@patchslim/tensor';
import { elementTypes, int, type Graph, type GraphNode, type Initializer } from '../graph.js';
import { isWeight, refuse, type Weight } from './weights.js';

/** Bits of infinity in float16, without the sign. */
const infinity = 0x7c00;

/**
 * Stores weights as float16 and adds a Cast for each. Its result has the weight's old name, so the rest of the graph stays
 * unchanged. ONNX Runtime computes the Cast once, when a session is opened.
 *
 * @throws `INVALID_ARGUMENT` for a finite weight beyond 65504
 */
export function withHalfWeights(graph: Graph): Graph {
  const casts: GraphNode[] = [];
  const initializers = graph.initializers.map((initializer): Initializer => {
    if (!isWeight(initializer)) return initializer;
    const { name, dtype, shape } = initializer;
    const stored = `${name}/float16`;
    casts.push({
      name: `weights/${name}`,
      path: 'weights',
      op: 'Cast',
      domain: '',
      inputs: [stored],
      outputs: [{ name, dtype, shape }],
      attributes: { to: int(elementTypes.float32) },
    });
    return { name: stored, dtype: 'float16', shape, data: halvesOf(graph, initializer) };
  });
  return { ...graph, initializers, nodes: [...casts, ...graph.nodes] };
}

function halvesOf(graph: Graph, weight: Weight): Uint16Array {
  const halves = toHalves(weight.data);
  const beyond = weight.data.findIndex((value, i) => isFinite(value) && (halves[i]! & 0x7fff) === infinity);
  if (beyond < 0) return halves;
  return refuse(graph, weight, weight.data[beyond]!, 'float16', 'its maximum is 65504');
}
