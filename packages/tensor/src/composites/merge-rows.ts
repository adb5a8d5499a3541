/** Merges rows into other rows, image by image. `B` batch, `D` destinations, `S` sources, `C` channels. */

import { apply } from '../apply.js';
import type { OpDefinition } from '../op.js';
import { add, div, mul } from '../ops/elementwise.js';
import { matMul } from '../ops/mat-mul.js';
import { fail, requireDType } from '../shapes.js';
import type { Tensor } from '../tensor.js';

export const mergeRowsOp: OpDefinition<'mergeRows'> = {
  name: 'mergeRows',
  infer(inputs) {
    requireDType('mergeRows', inputs, ['float32']);
    const [destinations, sources, assignment, ofDestinations, ofSources] = inputs.map(({ shape }) => shape);
    if (destinations!.length !== 3) fail('mergeRows', 'destinations [B, D, C]', inputs);
    const [batch, count, channels] = destinations as [number, number, number];
    const arriving = sources![1]!;
    const expected = [
      [sources, [batch, arriving, channels]],
      [assignment, [batch, arriving, count]],
      ...(ofDestinations
        ? [[ofDestinations, [batch, count, 1]] as const, [ofSources, [batch, arriving, 1]] as const]
        : []),
    ] as const;
    if (expected.some(([got, wanted]) => got?.join() !== wanted.join())) {
      const weights = ofDestinations ? ', weights [B, D, 1] and [B, S, 1]' : '';
      fail('mergeRows', `destinations [B, D, C], sources [B, S, C], assignment [B, S, D]${weights}`, inputs);
    }
    return { shape: destinations!, dtype: 'float32' };
  },
  decompose([destinations, sources, assignment, ofDestinations, ofSources]) {
    const sumOf = (atDestinations: Tensor, arriving: Tensor): Tensor =>
      add(atDestinations, matMul(assignment!, arriving, { transposeA: true }));
    if (!ofDestinations) return sumOf(destinations!, sources!);
    const total = sumOf(ofDestinations, ofSources!);
    return div(sumOf(mul(destinations!, ofDestinations), mul(sources!, ofSources!)), total);
  },
};

/** Weights of destinations `[B, D, 1]` and sources `[B, S, 1]` in a mean. */
export interface MergeWeights {
  readonly destinations: Tensor;
  readonly sources: Tensor;
}

/**
 * Adds each source `[B, S, C]` to its destination `[B, D, C]`; `assignment` `[B, S, D]` has a one per source. With
 * weights, the result is the weighted mean: the weighted sum divided by the sum of the weights.
 */
export const mergeRows = (
  destinations: Tensor,
  sources: Tensor,
  assignment: Tensor,
  weights?: MergeWeights,
): Tensor =>
  apply(
    mergeRowsOp,
    weights
      ? [destinations, sources, assignment, weights.destinations, weights.sources]
      : [destinations, sources, assignment],
    {},
  );
