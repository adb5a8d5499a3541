/** Sums calls: in total, by part of the model, by op. */

import { sizeOf, type OpName, type TensorSpec } from '@patchslim/tensor';
import { freeOps, type Convention, type CountedCall } from './convention.js';

/** The cost of some calls. */
export interface Cost {
  /** Multiply-accumulates, in the units of the convention. */
  readonly macs: number;
  /** Elements written. */
  readonly elements: number;
  /** Bytes read and written, summed over the calls. */
  readonly bytes: number;
}

/** The cost of a program, in total and by part. */
export interface CostReport extends Cost {
  readonly convention: string;
  /** By the first part of the path: `embed`, `blocks.0`, …, `head`. */
  readonly byPart: Readonly<Record<string, Cost>>;
  readonly byOp: Readonly<Record<string, Cost>>;
  /** Ops that compute something but have no cost in the convention, with their number of calls. */
  readonly uncounted: Readonly<Record<string, number>>;
}

const bytesPerElement = { float32: 4, int32: 4, bool: 1 } as const;
const bytesOf = ({ shape, dtype }: TensorSpec): number => sizeOf(shape) * bytesPerElement[dtype];

/** Sums calls under a convention. */
export function summarize(calls: readonly CountedCall[], convention: Convention): CostReport {
  const total = emptyCost();
  const byPart: Record<string, MutableCost> = {};
  const byOp: Record<string, MutableCost> = {};
  const uncounted: Partial<Record<OpName, number>> = {};
  for (const call of calls) {
    const count = convention.cost[call.op];
    if (!count && !freeOps.has(call.op)) uncounted[call.op] = (uncounted[call.op] ?? 0) + 1;
    const part = call.path.split('/')[0] || 'other';
    for (const cost of [total, (byPart[part] ??= emptyCost()), (byOp[call.op] ??= emptyCost())]) {
      cost.macs += count?.(call) ?? 0;
      cost.elements += sizeOf(call.output.shape);
      cost.bytes += [...call.inputs, call.output].reduce((bytes, spec) => bytes + bytesOf(spec), 0);
    }
  }
  return { convention: convention.name, ...total, byPart, byOp, uncounted };
}

type MutableCost = { -readonly [K in keyof Cost]: Cost[K] };
const emptyCost = (): MutableCost => ({ macs: 0, elements: 0, bytes: 0 });
