/**
 * A graph for any batch size. A recording has fixed shapes, so the function is recorded at two batch sizes. The graphs
 * differ where they depend on the batch: in dimensions, and in int64 constants that hold
 * shapes. Each such number must be proportional to the batch size; any other difference is an error.
 */

import { PatchslimError, mapValues, type Specs, type TensorSpec } from '@patchslim/tensor';
import { int, type Dim, type Graph, type GraphNode, type GraphValue, type Initializer } from './graph.js';

/** Two primes that are not common dimensions: two numbers in this ratio are multiples of the batch size. */
const sizes = [5, 7] as const;

/** Name of the symbolic dimension. */
const symbol = 'batch';

/** Records at two batch sizes and merges the graphs. @throws `INVALID_ARGUMENT` if they differ in any other way */
export function withDynamicBatch<I extends string>(
  inputs: Specs<I>,
  record: (inputs: Specs<I>) => Graph,
): Graph {
  const batches = new Set(Object.values<TensorSpec>(inputs).map(({ shape }) => shape[0]));
  if (batches.size !== 1 || batches.has(undefined)) {
    throw new PatchslimError(
      'INVALID_ARGUMENT',
      'record(): with a dynamic batch, every input must start with the same batch dimension',
    );
  }
  const [a, b] = sizes.map((size) =>
    record(
      mapValues<I, TensorSpec, TensorSpec>(inputs, ({ shape, dtype }) => ({
        shape: [size, ...shape.slice(1)],
        dtype,
      })),
    ),
  );
  return merge(a!, b!);
}

function merge(a: Graph, b: Graph): Graph {
  if (a.nodes.length !== b.nodes.length || a.initializers.length !== b.initializers.length) {
    fail('the operators depend on the batch size', '');
  }
  const nodes = a.nodes.map((node, i) => mergeNode(node, b.nodes[i]!));
  const shapes: GraphNode[] = [];
  const initializers = a.initializers.flatMap((initializer, i) => {
    const other = b.initializers[i]!;
    if (sameConstant(initializer, other)) return [initializer];
    const user = a.nodes.find((node) => node.inputs.includes(initializer.name))!;
    const factors = factorsOf(initializer, other) ?? fail('a constant depends on the batch size', user.name);
    const inferred = user.op === 'Reshape' ? inferOne(initializer, factors) : undefined;
    if (inferred) return [inferred];
    const computed = computeShape(initializer, factors);
    shapes.push(...computed.nodes);
    return computed.initializers;
  });
  if (shapes.length > 0) shapes.unshift(batchSize(a.inputs[0]!));
  return {
    inputs: a.inputs.map((value, i) => mergeValue(value, b.inputs[i]!)),
    outputs: a.outputs.map((value, i) => mergeValue(value, b.outputs[i]!)),
    initializers,
    nodes: [...shapes, ...nodes],
  };
}

function mergeNode(a: GraphNode, b: GraphNode): GraphNode {
  const outputs = a.outputs.map((value, i) => mergeValue(value, b.outputs[i]!));
  if (JSON.stringify({ ...a, outputs: [] }) !== JSON.stringify({ ...b, outputs: [] })) {
    fail('an operator depends on the batch size', a.name);
  }
  return { ...a, outputs };
}

function mergeValue(a: GraphValue, b: GraphValue): GraphValue {
  const shape = a.shape.map((dim, i): Dim => {
    const factor = factorOf(Number(dim), Number(b.shape[i]));
    if (factor === undefined) return fail(`dimension ${i} is not proportional to the batch size`, a.name);
    return factor === 0 ? dim : factor === 1 ? symbol : `${factor}*${symbol}`;
  });
  return { ...a, shape };
}

/** The ratio of a number to the batch size; 0 if it is independent of it, undefined if it is not proportional. */
function factorOf(a: number, b: number): number | undefined {
  if (a === b) return 0;
  const factor = a / sizes[0];
  return Number.isInteger(factor) && factor * sizes[1] === b ? factor : undefined;
}

function factorsOf(a: Initializer, b: Initializer): number[] | undefined {
  if (!(a.data instanceof BigInt64Array) || a.shape.length !== 1 || a.data.length !== b.data.length)
    return undefined;
  const factors = Array.from(a.data, (value, i) => factorOf(Number(value), Number(b.data[i])));
  return factors.includes(undefined) ? undefined : (factors as number[]);
}

function sameConstant(a: Initializer, b: Initializer): boolean {
  if (a.name !== b.name || a.dtype !== b.dtype || a.shape.join() !== b.shape.join()) return false;
  return (
    a.data === b.data || a.data.every((value: number | bigint, i: number) => Object.is(value, b.data[i]))
  );
}

/** The shape of a Reshape with -1 for its one unknown entry, which the runtime infers. */
function inferOne(initializer: Initializer, factors: readonly number[]): Initializer | undefined {
  if (factors.filter((factor) => factor > 0).length !== 1) return undefined;
  const data = BigInt64Array.from(factors, (factor, i) => (factor > 0 ? -1n : BigInt(initializer.data[i]!)));
  return { ...initializer, data };
}

const batchSizeName = `${symbol}/size`;

function batchSize({ name }: GraphValue): GraphNode {
  return node('Shape', [name], batchSizeName, [1], { start: int(0), end: int(1) });
}

/** Nodes that compute `batch · factors + rest`, under the name of the constant that they replace. */
function computeShape(
  { name, data }: Initializer,
  factors: readonly number[],
): { nodes: GraphNode[]; initializers: Initializer[] } {
  const scaled = `${symbol}/${name}/scaled`;
  const multiples = vector(`${symbol}/${name}/factors`, factors.map(BigInt));
  const rest = vector(
    `${symbol}/${name}/rest`,
    factors.map((factor, i) => (factor > 0 ? 0n : BigInt(data[i]!))),
  );
  return {
    initializers: [multiples, rest],
    nodes: [
      node('Mul', [batchSizeName, multiples.name], scaled, [factors.length]),
      node('Add', [scaled, rest.name], name, [factors.length]),
    ],
  };
}

function vector(name: string, values: readonly bigint[]): Initializer {
  return { name, dtype: 'int64', shape: [values.length], data: BigInt64Array.from(values) };
}

function node(
  op: string,
  inputs: readonly string[],
  output: string,
  shape: readonly number[],
  attributes: GraphNode['attributes'] = {},
): GraphNode {
  return {
    name: output,
    path: symbol,
    op,
    domain: '',
    inputs,
    outputs: [{ name: output, dtype: 'int64', shape }],
    attributes,
  };
}

function fail(what: string, where: string): never {
  throw new PatchslimError(
    'INVALID_ARGUMENT',
    `record(): the batch cannot be dynamic: ${what}${where === '' ? '' : `, at ${where}`}; record one graph per batch size instead`,
    { where },
  );
}
