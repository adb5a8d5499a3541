/**
 * Counting conventions. One multiply-accumulate is 1 in both: papers on vision transformers
 * print multiply-accumulates as "FLOPs", half of the FLOPs of hardware data sheets.
 */

import { sizeOf, type OpCall, type OpName, type TensorSpec } from '@patchslim/tensor';

/** One counted op call. */
export interface CountedCall {
  readonly op: OpName;
  readonly path: string;
  readonly inputs: readonly TensorSpec[];
  readonly attrs: OpCall['attrs'];
  readonly output: TensorSpec;
}

/** A counting convention: the cost of each op. */
export interface Convention {
  readonly name: string;
  /** Cost by op. Ops that are neither listed here nor free are reported as uncounted. */
  readonly cost: Readonly<Partial<Record<OpName, (call: CountedCall) => number>>>;
}

/** `m · n · k` for every matrix product in the batch. */
function matMulMacs({ inputs, attrs, output }: CountedCall): number {
  const { transposeA } = attrs as { transposeA: boolean };
  const inner = inputs[0]!.shape.at(transposeA ? -2 : -1)!;
  return sizeOf(output.shape) * inner;
}

/** Only matrix products, as in papers. */
export const macsConvention: Convention = { name: 'macs', cost: { matMul: matMulMacs } };

/** Like fvcore: matrix products, and 5 per element of a layer norm with scale and shift. */
export const fvcoreConvention: Convention = {
  name: 'fvcore',
  cost: { matMul: matMulMacs, layerNorm: ({ output }) => 5 * sizeOf(output.shape) },
};

/** The known conventions; the first is the default. */
export const conventions: readonly Convention[] = [macsConvention, fvcoreConvention];

/** Ops that only move values. */
export const freeOps: ReadonlySet<OpName> = new Set<OpName>([
  'reshape',
  'transpose',
  'slice',
  'concat',
  'gather',
  'broadcastTo',
  'pad',
  'cast',
  'unfold',
]);
