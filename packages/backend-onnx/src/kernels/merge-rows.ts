/** Merges rows in few nodes: weighted rows, weights and sizes are one value, which is gathered, split and multiplied once. */

import { float32 } from '@patchslim/tensor';
import { int, type FixedValue } from '../graph.js';
import type { Writer } from '../writer.js';
import type { Emit } from './emit.js';

/** The kernels of a form that merging uses. */
interface Parts {
  readonly gather: Emit<'gather'>;
  readonly matMul: Emit<'matMul'>;
  /** For indices inside only. */
  readonly oneHot: Emit<'oneHot'>;
}

export const mergeRowsBy =
  (parts: Parts): Emit<'mergeRows'> =>
  (write, [x, order, targets, weights, sizes], { destinations }, output) => {
    if (!weights) return sumRows(write, parts, x!, [order!, targets!], destinations);
    const [batch, rows, channels] = x!.shape as [number, number, number];
    const columns = sizes ? [weights, sizes] : [weights];
    const weighted = write.node('Mul', [x, weights], x!);
    const all = { dtype: 'float32', shape: [batch, rows, channels + columns.length] } as const;
    const packed = write.node('Concat', [weighted, ...columns], all, { axis: int(2) });
    const summed = sumRows(write, parts, packed, [order!, targets!], destinations);
    const widths = [channels, ...columns.map(() => 1)];
    const [sums, total, ofSizes] = split(write, summed, 2, widths) as [FixedValue, FixedValue, FixedValue?];
    const means = write.node('Div', [sums, total], sums);
    return ofSizes ? write.node('Concat', [means, ofSizes], output, { axis: int(2) }) : means;
  };

function sumRows(
  write: Writer,
  { gather, matMul, oneHot }: Parts,
  x: FixedValue,
  [order, targets]: readonly [FixedValue, FixedValue],
  destinations: number,
): FixedValue {
  const [batch, , channels] = x.shape as [number, number, number];
  const [used, merged] = [order.shape[1]!, targets.shape[1]!];
  const kept = used - merged - destinations;
  const floats = (rows: number, width: number) =>
    ({ dtype: 'float32', shape: [batch, rows, width] }) as const;
  const sorted = gather(write, [x, order], { axis: 1, batchDims: 1 }, floats(used, channels));
  const lengths = [...(kept > 0 ? [kept] : []), destinations, merged];
  const parts = split(write, sorted, 1, lengths);
  const [before, hosts, guests] = (kept > 0 ? parts : [undefined, ...parts]) as [
    FixedValue | undefined,
    FixedValue,
    FixedValue,
  ];
  const assignment = oneHot(write, [targets], { depth: destinations }, floats(merged, destinations));
  const sums = floats(destinations, channels);
  const arriving = matMul(write, [assignment, guests], { transposeA: true, transposeB: false }, sums);
  const joined = write.node('Add', [hosts, arriving], sums);
  if (!before) return joined;
  return write.node('Concat', [before, joined], floats(kept + destinations, channels), { axis: int(1) });
}

/** In one node. It counts negative indices from the end, unlike the op. */
export const oneHotInside: Emit<'oneHot'> = (write, [indices], { depth }, output) => {
  const values = write.constant(float32([2], [0, 1]));
  return write.node('OneHot', [write.widen(indices!), write.int64(depth), values], output, { axis: int(-1) });
};

/** The largest depth whose matrix is written into a file: 256 KiB. */
const mostLookedUp = 256;

/** By rows of the identity matrix, the fastest way up to some depth. For indices inside only. */
export const oneHotByLookup =
  (beyond: Emit<'oneHot'>): Emit<'oneHot'> =>
  (write, [indices], { depth }, output) => {
    if (depth > mostLookedUp) return beyond(write, [indices!], { depth }, output);
    const identity = write.shared(`identity of ${depth}`, () => {
      const matrix = new Float32Array(depth ** 2);
      for (let i = 0; i < depth; i++) matrix[i * (depth + 1)] = 1;
      return float32([depth, depth], matrix);
    });
    return write.node('Gather', [identity, write.wideOf(indices!) ?? indices!], output, { axis: int(0) });
  };

function split(write: Writer, x: FixedValue, axis: number, lengths: readonly number[]): FixedValue[] {
  const outputs = lengths.map((length) => ({ dtype: x.dtype, shape: x.shape.with(axis, length) }));
  return write.nodes('Split', [x, write.int64(lengths)], outputs, { axis: int(axis) });
}
