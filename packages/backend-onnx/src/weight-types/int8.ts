/**
 * Dynamic quantisation: each column of a weight is integers from -127 to 127 times its scale; the rows
 * multiplied by it become uint8 at run time, with one scale and one zero point for the whole tensor. The graph uses standard
 * operators: ONNX Runtime fuses each product and its bias into its own MatMulIntegerToFloat, and is as fast
 * as with that operator in the graph.
 */

import { prune, type Graph, type GraphValue } from '../graph.js';
import { integerProduct, quantiseRows, type QuantisedWeight } from './int8-nodes.js';
import { isWeight, refuse, type Weight } from './weights.js';

/** -128 is unused, so that the range is symmetric. */
const largest = 127;

/**
 * Replaces every product `x · W` with a constant `W` `[in, out]` by
 * `(uint8(x) - zero) · int8(W) · scale(x) · scale(W)`. Products of two computed values, as in attention, stay float32.
 *
 * @throws `INVALID_ARGUMENT` for a weight that is infinite or NaN
 */
export function withInt8Weights(graph: Graph): Graph {
  const weights = new Map(graph.initializers.filter(isWeight).map((weight) => [weight.name, weight]));
  const values = valuesOf(graph);
  const stored = new Map<string, QuantisedWeight>();
  // Queries, keys and values come from the same rows, which are quantised once.
  const quantisedRows = new Set<string>();
  const nodes = graph.nodes.flatMap((node) => {
    const [rows, weight] = [values.get(node.inputs[0]!), weights.get(node.inputs[1]!)];
    if (node.op !== 'MatMul' || !rows || weight?.shape.length !== 2) return [node];
    const quantised = stored.get(weight.name) ?? quantiseWeight(graph, weight);
    stored.set(weight.name, quantised);
    const before = quantisedRows.has(rows.name) ? [] : [quantiseRows(node, rows)];
    quantisedRows.add(rows.name);
    return [...before, ...integerProduct(node, rows, quantised)];
  });
  const added = [...stored.values()].flatMap(({ numbers, scale }) => [numbers, scale]);
  return prune({ ...graph, nodes, initializers: [...graph.initializers, ...added] });
}

function valuesOf({ inputs, initializers, nodes }: Graph): ReadonlyMap<string, GraphValue> {
  const values = [...inputs, ...initializers, ...nodes.flatMap(({ outputs }) => outputs)];
  return new Map(values.map((value) => [value.name, value]));
}

/** `W[i, j] ≈ numbers[i, j] · scale[j]`; the largest value of each column is exact. */
function quantiseWeight(graph: Graph, weight: Weight): QuantisedWeight {
  const { name, shape, data } = weight;
  const columns = shape[1]!;
  const bad = data.find((value) => !isFinite(value));
  if (bad !== undefined) refuse(graph, weight, bad, 'int8', 'a scale needs finite numbers');
  const scale = new Float32Array(columns);
  data.forEach((value, i) => (scale[i % columns] = Math.max(scale[i % columns]!, Math.abs(value) / largest)));
  // A column of zeros has scale 0, so any integers are correct.
  const numbers = Int8Array.from(data, (value, i) => Math.round(value / scale[i % columns]!) || 0);
  return {
    numbers: { name: `${name}/int8`, dtype: 'int8', shape, data: numbers },
    scale: { name: `${name}/scale`, dtype: 'float32', shape: [columns], data: scale },
  };
}
