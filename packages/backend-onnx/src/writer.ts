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
  /** A float32 constant of shape `[]`. */
  scalar(value: number): FixedValue;
  cast(x: FixedValue, dtype: ElementType): FixedValue;
  /** Casts int32 indices to int64, as most ONNX operators require; free if they come from TopK or ArgMax. */
  widen(indices: FixedValue): FixedValue;
  /** Casts int64 results to int32, as the tensor interface requires. */
  narrow(indices: FixedValue): FixedValue;
  reshape(x: FixedValue, shape: Shape): FixedValue;
  expand(x: FixedValue, shape: Shape): FixedValue;
}

export type NodeInputs = readonly (FixedValue | undefined)[];

export function createWriter({ builder, wide }: Recording, path: string): Writer {
  const writer: Writer = {
    node: (op, inputs, output, attributes = {}, domain = '') =>
      builder.add(path, { op, domain, inputs, outputs: [output], attributes })[0]!,
    nodes: (op, inputs, outputs, attributes = {}) => builder.add(path, { op, inputs, outputs, attributes }),
    int64: (values) => builder.int64(values),
    constant: (host) => builder.constant(host),
    scalar: (value) => builder.constant(float32([], [value])),
    cast: (x, dtype) => writer.node('Cast', [x], { dtype, shape: x.shape }, { to: int(elementTypes[dtype]) }),
    widen(indices) {
      const twin = wide.get(indices.name) ?? writer.cast(indices, 'int64');
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
      // A 0 normally copies the input's dimension; in an empty tensor it is a length.
      const attributes: Attributes = sizeOf(shape) === 0 ? { allowzero: int(1) } : {};
      return writer.node('Reshape', [x, writer.int64(shape)], { dtype: x.dtype, shape }, attributes);
    },
    expand(x, shape) {
      if (x.shape.join() === shape.join()) return x;
      return writer.node('Expand', [x, writer.int64(shape)], { dtype: x.dtype, shape });
    },
  };
  return writer;
}
