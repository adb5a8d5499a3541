/** The type of a conformance case, and helpers for writing cases. */

import { apply } from '../apply.js';
import { float32, sizeOf, type HostTensor, type Shape } from '../host.js';
import type { CompositeName, OpAttrs, OpDefinition, OpName } from '../op.js';
import { opTable } from '../op-table.js';
import type { Tensors } from '../program.js';
import type { Tensor } from '../tensor.js';

/** Host tensors by name. */
export type HostTensors = Readonly<Record<string, HostTensor>>;

/** One program on fixed values, with the outputs that every backend must return. */
export interface ConformanceCase {
  /** Unique name, used in exclusion lists and test reports. */
  readonly name: string;
  /** The op under test. */
  readonly op: OpName;
  /** Whether to run the decomposition of a composite even if the backend has a kernel for it. */
  readonly decomposed?: boolean;
  readonly inputs: HostTensors;
  /** Created before the program is compiled; `run` closes over them. */
  readonly constants?: HostTensors;
  run(inputs: Tensors, constants: Tensors): Tensors;
  /** Expected values by output, written by hand; by default the result of the reference backend. */
  readonly expected?: HostTensors;
  /** Largest |difference| allowed in float32 outputs, as a multiple of max(1, |expected|); 1e-5 by default. */
  readonly tolerance?: number;
}

/** A call of a composite op, with attributes as the backend receives them. */
export interface CompositeCase<N extends CompositeName> {
  readonly name: string;
  readonly op: N;
  /** In the order of the op's operands. */
  readonly inputs: readonly HostTensor[];
  readonly attrs: OpAttrs[N];
  readonly expected?: HostTensor;
  readonly tolerance?: number;
}

/** Two cases with the same expected result: the op as the backend computes it, and its decomposition. */
export function compositeCases<N extends CompositeName>(spec: CompositeCase<N>): ConformanceCase[] {
  const definition = opTable[spec.op] as unknown as OpDefinition<N>;
  const shared = {
    op: spec.op,
    inputs: Object.fromEntries(spec.inputs.map((input, i) => [`x${i}`, input])),
    ...(spec.expected && { expected: { y: spec.expected } }),
    ...(spec.tolerance !== undefined && { tolerance: spec.tolerance }),
  };
  const operands = (inputs: Tensors): Tensor[] => spec.inputs.map((_, i) => inputs[`x${i}`]!);
  return [
    {
      ...shared,
      name: `${spec.op}/${spec.name}`,
      run: (inputs) => ({ y: apply(definition, operands(inputs), spec.attrs) }),
    },
    {
      ...shared,
      name: `${spec.op}/${spec.name} (decomposed)`,
      decomposed: true,
      run: (inputs) => ({ y: definition.decompose!(operands(inputs), spec.attrs) }),
    },
  ];
}

/** The common case: one to three operands `a`, `b`, `c`, and one output `y`. */
export function opCase(
  op: OpName,
  name: string,
  operands: readonly HostTensor[],
  compute: (a: Tensor, b: Tensor, c: Tensor) => Tensor,
  expected?: HostTensor,
  tolerance?: number,
): ConformanceCase {
  const letters = ['a', 'b', 'c'];
  return {
    name: `${op}/${name}`,
    op,
    inputs: Object.fromEntries(operands.map((operand, i) => [letters[i]!, operand])),
    run: ({ a, b, c }) => ({ y: compute(a!, b!, c!) }),
    ...(expected && { expected: { y: expected } }),
    ...(tolerance !== undefined && { tolerance }),
  };
}

/** Pseudo-random values between `low` and `high`, the same on every machine: a linear congruential generator mod 2³². */
export function noise(shape: Shape, seed = 1, low = -1, high = 1): HostTensor<'float32'> {
  let state = seed >>> 0;
  const values = Float32Array.from({ length: sizeOf(shape) }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return low + ((high - low) * state) / 2 ** 32;
  });
  return float32(shape, values);
}

/** 0, 1, 2, … for a shape: each value identifies its original position. */
export function count(shape: Shape): number[] {
  return Array.from({ length: sizeOf(shape) }, (_, i) => i);
}
