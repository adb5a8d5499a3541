/** The writer that kernels use: the graph builder, bound to one path of the model, with helpers for common nodes. */

import { float32, sizeOf, type HostTensor, type Shape } from '@patchslim/tensor';
import {
  elementTypes,
  int,
  type Attributes,
  type Domain,
  type ElementType,
  type FixedValue,
  type ValueSpec,
} from './graph.js';
import type { Recording } from './recording.js';

export interface Writer {
  /** Appends a node with one result; an undefined input is an omitted optional one. */
  node(
    op: string,
    inputs: NodeInputs,
    output: ValueSpec,
    attributes?: Attributes,
    domain?: Domain,
  ): FixedValue;
  /** Appends a node with several results. */
  nodes(op: string, inputs: NodeInputs, outputs: readonly ValueSpec[], attributes?: Attributes): FixedValue[];
  /** An int64 constant: shape `[n]` from an array, `[]` from a number. */
  int64(values: readonly (number | bigint)[] | number): FixedValue;
  /** A constant; see `GraphBuilder`. */
  constant(host: HostTensor): FixedValue;
  /** A constant that is made once for all its uses. */
  shared(key: string, make: () => HostTensor): FixedValue;
  /** A float32 constant of shape `[]`. */
  scalar(value: number): FixedValue;
  cast(x: FixedValue, dtype: ElementType): FixedValue;
  /** The int64 version of int32 values where it costs nothing: they come from TopK or ArgMax, or are a constant. */
  wideOf(indices: FixedValue): FixedValue | undefined;
  /** Casts int32 indices to int64, as most ONNX operators require; free where `wideOf` is. */
  widen(indices: FixedValue): FixedValue;
  /** Casts int64 results to int32, as the tensor interface requires. */
  narrow(indices: FixedValue): FixedValue;
  /** One node for any number of reshapes in a row. */
  reshape(x: FixedValue, shape: Shape): FixedValue;
  /** The value before all reshapes. */
  unshaped(x: FixedValue): FixedValue;
  /** The value of this shape that is joined at `begin` of the axis, if `x` is a Concat. */
  partOf(x: FixedValue, axis: number, begin: number, shape: Shape): FixedValue | undefined;
  expand(x: FixedValue, shape: Shape): FixedValue;
}

export type NodeInputs = readonly (FixedValue | undefined)[];

export function createWriter({ builder, wide, unshaped, made }: Recording, path: string): Writer {
  const writer: Writer = {
    node: (op, inputs, output, attributes = {}, domain = '') =>
      builder.add(path, { op, domain, inputs, outputs: [output], attributes })[0]!,
    nodes: (op, inputs, outputs, attributes = {}) => builder.add(path, { op, inputs, outputs, attributes }),
    int64: (values) => builder.int64(values),
    constant: (host) => builder.constant(host),
    shared(key, make) {
      const host = made.get(key) ?? make();
      made.set(key, host);
      return builder.constant(host);
    },
    scalar: (value) => builder.constant(float32([], [value])),
    cast: (x, dtype) => writer.node('Cast', [x], { dtype, shape: x.shape }, { to: int(elementTypes[dtype]) }),
    wideOf(indices) {
      const twin = wide.get(indices.name) ?? builder.int64Version(indices);
      if (twin) wide.set(indices.name, twin);
      return twin;
    },
    widen(indices) {
      const twin = writer.wideOf(indices) ?? writer.cast(indices, 'int64');
      wide.set(indices.name, twin);
      return twin;
    },
    narrow(indices) {
      const narrowed = writer.cast(indices, 'int32');
      wide.set(narrowed.name, indices);
      return narrowed;
    },
    reshape(x, shape) {
      if (x.shape.join() === shape.join()) return x;
      const from = unshaped.get(x.name) ?? x;
      if (from.shape.join() === shape.join()) return from;
      // A 0 normally copies the input's dimension; in an empty tensor it is a length.
      const attributes: Attributes = sizeOf(shape) === 0 ? { allowzero: int(1) } : {};
      const reshaped = writer.node(
        'Reshape',
        [from, writer.int64(shape)],
        { dtype: x.dtype, shape },
        attributes,
      );
      unshaped.set(reshaped.name, from);
      return reshaped;
    },
    unshaped: (x) => unshaped.get(x.name) ?? x,
    partOf(x, axis, begin, shape) {
      let at = 0;
      for (const part of builder.joinedAt(x, axis)) {
        if (at === begin && part.shape.join() === shape.join()) return part;
        at += part.shape[axis]!;
      }
      return undefined;
    },
    expand(x, shape) {
      if (x.shape.join() === shape.join()) return x;
      return writer.node('Expand', [x, writer.int64(shape)], { dtype: x.dtype, shape });
    },
  };
  return writer;
}
