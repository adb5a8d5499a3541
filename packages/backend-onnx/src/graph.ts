/**
 * An ONNX graph as plain data, and the builder that kernels append to. It is independent of the file format and runtimes.
 */

import {
  describe,
  type DType,
  type HostData,
  type HostTensor,
  type Shape,
  type TensorSpec,
} from '@patchslim/tensor';

/**
 * `portable`: standard operators of opset 17 only. `runtime`: also ONNX Runtime's own fast operators. `webgpu`: only
 * operators of its WebGPU provider, so that nothing runs on the CPU.
 */
export const forms = ['portable', 'runtime', 'webgpu'] as const;
/** One of `forms`. */
export type Form = (typeof forms)[number];

/**
 * The types beyond the tensor interface exist only inside graphs: ONNX requires int64 in shapes and in the results of
 * TopK and ArgMax; weights may be stored as float16 or int8, and rows multiplied by int8 weights are uint8.
 */
export type ElementType = DType | 'int64' | 'float16' | 'int8' | 'uint8';

/** ONNX's numbers of the element types, in files and in the attribute of Cast. */
export const elementTypes = {
  float32: 1,
  uint8: 2,
  int8: 3,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
} as const satisfies Record<ElementType, number>;

/** A dimension: a length, or a symbol such as `batch`. */
export type Dim = number | string;

/** A named value of a graph. Names are unique in the graph and never empty. */
export interface GraphValue {
  readonly name: string;
  readonly dtype: ElementType;
  readonly shape: readonly Dim[];
}

/** A value with known dimensions, as in every recording. */
export interface FixedValue extends GraphValue {
  readonly shape: Shape;
}

/** A constant of the graph: weights, or indices. */
export interface Initializer extends FixedValue {
  /** float16 is stored as its bits. */
  readonly data: HostData | BigInt64Array | Uint16Array | Int8Array;
}

/** An attribute of a node, with the type that the file format stores. */
export type Attribute =
  | { readonly type: 'int'; readonly value: number }
  | { readonly type: 'ints'; readonly value: readonly number[] }
  | { readonly type: 'float'; readonly value: number }
  | { readonly type: 'string'; readonly value: string };

/** An integer attribute. */
export const int = (value: number): Attribute => ({ type: 'int', value });
/** An attribute that is a list of integers. */
export const ints = (value: readonly number[]): Attribute => ({ type: 'ints', value });
/** A float32 attribute. */
export const float = (value: number): Attribute => ({ type: 'float', value });
/** A text attribute. */
export const string = (value: string): Attribute => ({ type: 'string', value });

/** The operator sets in use: the standard one, and ONNX Runtime's own. */
export type Domain = '' | 'com.microsoft';

/** One operator of a graph, with operands and results by name. */
export interface GraphNode {
  /** `blocks.3/attn/MatMul_12`: the path in the model, then the first result. ONNX Runtime prints it in its errors. */
  readonly name: string;
  /** `blocks.3/attn`, as set by `named`; empty at the top. */
  readonly path: string;
  readonly op: string;
  readonly domain: Domain;
  /** Names of values; an empty name marks an omitted optional input. */
  readonly inputs: readonly string[];
  readonly outputs: readonly GraphValue[];
  readonly attributes: Attributes;
}

/** A recorded program: inputs, outputs, constants and operators. */
export interface Graph {
  readonly inputs: readonly GraphValue[];
  readonly outputs: readonly GraphValue[];
  readonly initializers: readonly Initializer[];
  /** In topological order: every value is computed before it is used. */
  readonly nodes: readonly GraphNode[];
}

/** Attributes of a node by name. */
export type Attributes = Readonly<Record<string, Attribute>>;

/** Element type and shape of a value. */
export interface ValueSpec {
  readonly dtype: ElementType;
  readonly shape: Shape;
}

/** A node to append with `add`. */
export interface NodeSpec {
  readonly op: string;
  readonly domain?: Domain;
  readonly inputs: readonly (GraphValue | undefined)[];
  readonly outputs: readonly ValueSpec[];
  readonly attributes?: Attributes;
}

/** Builds a graph node by node. */
export interface GraphBuilder {
  /** Declares a graph input. */
  input(name: string, spec: TensorSpec): FixedValue;
  /** A constant; equal host buffers, and small constants with equal values, share one initializer. */
  constant(host: HostTensor): FixedValue;
  /** An int64 constant: shape `[n]` from an array, `[]` from a number. It is never shared, so each use is distinct. */
  int64(values: readonly (number | bigint)[] | number): FixedValue;
  /** The values that a Concat along `axis` joined to `value`; none if it is another value. */
  joinedAt(value: GraphValue, axis: number): readonly FixedValue[];
  /** The constant in int64, if the value is an int32 constant. */
  int64Version(value: GraphValue): FixedValue | undefined;
  /** Appends a node and returns its results; the same node on the same values is appended once. */
  add(path: string, node: NodeSpec): FixedValue[];
  /**
   * Returns the finished graph, with outputs in the given order and under the given names (with a number appended if an input
   * already has the name). Unused nodes and constants are omitted.
   */
  finish(results: Readonly<Record<string, FixedValue>>): Graph;
}

/** Constants of at most this many elements, mostly scalars, are shared if their values are equal. */
const smallConstant = 16;

/** A builder of an empty graph. */
export function createGraphBuilder(): GraphBuilder {
  const inputs: GraphValue[] = [];
  const nodes: GraphNode[] = [];
  const initializers: Initializer[] = [];
  const shared = new Map<HostData | string, Map<string, Initializer>>();
  const taken = new Set<string>();
  const added = new Map<string, FixedValue[]>();
  const joined = new Map<string, { readonly axis: number; readonly parts: readonly FixedValue[] }>();
  /** int64 constants by name, as text: they are not shared, but nodes compare them by value. */
  const numbers = new Map<string, string>();
  let count = 0;

  const fresh = (stem: string): string => {
    const name = `${stem}_${count++}`;
    if (taken.has(name)) return fresh(stem);
    taken.add(name);
    return name;
  };

  const initializer = (dtype: ElementType, shape: Shape, data: Initializer['data']): Initializer => {
    const made = { name: fresh('const'), dtype, shape, data };
    initializers.push(made);
    return made;
  };

  return {
    input(name, { dtype, shape }) {
      taken.add(name);
      const value = { name, dtype, shape };
      inputs.push(value);
      return value;
    },
    constant(host) {
      const key = host.data.length <= smallConstant ? bytesOf(host.data).join() : host.data;
      const bySpec = shared.get(key) ?? new Map<string, Initializer>();
      shared.set(key, bySpec);
      const made = bySpec.get(describe(host)) ?? initializer(host.dtype, host.shape, host.data);
      bySpec.set(describe(host), made);
      return made;
    },
    int64(values) {
      const list = typeof values === 'number' ? [values] : values;
      const shape = typeof values === 'number' ? [] : [values.length];
      const made = initializer('int64', shape, BigInt64Array.from(list, BigInt));
      numbers.set(made.name, `[${shape.length}] ${list.join()}`);
      return made;
    },
    joinedAt({ name }, axis) {
      const found = joined.get(name);
      return found?.axis === axis ? found.parts : [];
    },
    int64Version({ name, dtype }) {
      const found = dtype === 'int32' && initializers.find((one) => one.name === name);
      return found
        ? initializer('int64', found.shape, BigInt64Array.from(found.data as Int32Array, BigInt))
        : undefined;
    },
    add(path, { op, domain = '', inputs: from, outputs, attributes = {} }) {
      const operands = from.map((value) => value && (numbers.get(value.name) ?? value.name));
      const key = JSON.stringify([op, domain, operands, outputs, attributes]);
      const before = added.get(key);
      if (before) return before;
      const made = outputs.map(({ dtype, shape }) => ({ name: fresh(op), dtype, shape }));
      const name = path === '' ? made[0]!.name : `${path}/${made[0]!.name}`;
      nodes.push({
        name,
        path,
        op,
        domain,
        inputs: from.map((value) => value?.name ?? ''),
        outputs: made,
        attributes,
      });
      added.set(key, made);
      const { axis } = attributes;
      if (op === 'Concat' && axis?.type === 'int')
        joined.set(made[0]!.name, { axis: axis.value, parts: from as readonly FixedValue[] });
      return made;
    },
    finish(results) {
      const named = Object.entries(results).map(([name, value]) => ({
        name: taken.has(name) ? fresh(name) : name,
        value,
      }));
      return prune({ inputs, initializers, ...nameOutputs(nodes, named) });
    },
  };
}

/**
 * Gives results their public names. ONNX requires a separate node for every output, so a result that is also an
 * input, a constant or another result passes through an Identity.
 */
function nameOutputs(
  nodes: readonly GraphNode[],
  results: readonly { readonly name: string; readonly value: GraphValue }[],
): Pick<Graph, 'nodes' | 'outputs'> {
  const computed = new Set(nodes.flatMap((node) => node.outputs.map((value) => value.name)));
  const renamed = new Map<string, string>();
  const copies: GraphNode[] = [];
  const outputs = results.map(({ name, value }) => {
    const output = { ...value, name };
    if (computed.has(value.name) && !renamed.has(value.name)) renamed.set(value.name, name);
    else copies.push(copy(value, output));
    return output;
  });
  const rename = (name: string): string => renamed.get(name) ?? name;
  const all = [...nodes, ...copies].map((node) => ({
    ...node,
    inputs: node.inputs.map(rename),
    outputs: node.outputs.map((value) => ({ ...value, name: rename(value.name) })),
  }));
  return { nodes: all, outputs };
}

/** A node that copies. It is a Cast for bool, because WebGPU has no Identity for it. */
function copy(from: GraphValue, to: GraphValue): GraphNode {
  const how =
    to.dtype === 'bool'
      ? { op: 'Cast', attributes: { to: int(elementTypes.bool) } }
      : { op: 'Identity', attributes: {} };
  return { name: to.name, path: '', domain: '', inputs: [from.name], outputs: [to], ...how };
}

/** Removes unused nodes and constants. */
export function prune(graph: Graph): Graph {
  const needed = new Set(graph.outputs.map((value) => value.name));
  const nodes = graph.nodes
    .toReversed()
    .filter((node) => {
      const used = node.outputs.some((value) => needed.has(value.name));
      if (used) for (const name of node.inputs) needed.add(name);
      return used;
    })
    .toReversed();
  return { ...graph, nodes, initializers: graph.initializers.filter((value) => needed.has(value.name)) };
}

/** The bytes of an array, without a copy. */
export function bytesOf(data: ArrayBufferView): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}
