/**
 * What counts, and as how much. One multiply-accumulate is 1 in both conventions: what papers on vision transformers
 * print as "FLOPs" are multiply-accumulates, half of what hardware sheets call FLOPs.
 */

import { sizeOf, type OpCall, type OpName, type TensorSpec } from '@patchslim/tensor';

/** One op call as a counter sees it. */
export interface CountedCall {
  readonly op: OpName;
  readonly path: string;
  readonly inputs: readonly TensorSpec[];
  readonly attrs: OpCall['attrs'];
  readonly output: TensorSpec;
}

/** What an op counts as. */
export interface Convention {
  readonly name: string;
  /** Cost by op. An op that is neither here nor free is reported as uncounted. */
  readonly cost: Readonly<Partial<Record<OpName, (call: CountedCall) => number>>>;
}

/** `m · n · k` for every matrix product in the batch. */
function matMulMacs({ inputs, attrs, output }: CountedCall): number {
  const { transposeA } = attrs as { transposeA: boolean };
  const inner = inputs[0]!.shape.at(transposeA ? -2 : -1)!;
  return sizeOf(output.shape) * inner;
}

/** Matrix products only: the number in papers. */
export const macsConvention: Convention = { name: 'macs', cost: { matMul: matMulMacs } };

/** As fvcore counts: matrix products, and 5 per element of a layer norm with scale and shift. */
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
]);
