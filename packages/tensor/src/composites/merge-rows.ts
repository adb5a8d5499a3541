/** Rows merged into other rows, image by image. `B` batch, `H` hosts, `G` guests, `C` channels. */

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
    const [hosts, guests, targets, ofHosts, ofGuests] = inputs.map(({ shape }) => shape);
    if (hosts!.length !== 3) fail('mergeRows', 'hosts [B, H, C]', inputs);
    const [batch, count, channels] = hosts as [number, number, number];
    const arriving = guests![1]!;
    const expected = [
      [guests, [batch, arriving, channels]],
      [targets, [batch, arriving, count]],
      ...(ofHosts ? [[ofHosts, [batch, count, 1]] as const, [ofGuests, [batch, arriving, 1]] as const] : []),
    ] as const;
    if (expected.some(([got, wanted]) => got?.join() !== wanted.join())) {
      const weights = ofHosts ? ', weights [B, H, 1] and [B, G, 1]' : '';
      fail('mergeRows', `hosts [B, H, C], guests [B, G, C], targets [B, G, H]${weights}`, inputs);
    }
    return { shape: hosts!, dtype: 'float32' };
  },
  decompose([hosts, guests, targets, ofHosts, ofGuests]) {
    const sumOf = (atHosts: Tensor, arriving: Tensor): Tensor =>
      add(atHosts, matMul(targets!, arriving, { transposeA: true }));
    if (!ofHosts) return sumOf(hosts!, guests!);
    const total = sumOf(ofHosts, ofGuests!);
    return div(sumOf(mul(hosts!, ofHosts), mul(guests!, ofGuests!)), total);
  },
};

/** What hosts `[B, H, 1]` and guests `[B, G, 1]` count in a mean. */
export interface MergeWeights {
  readonly hosts: Tensor;
  readonly guests: Tensor;
}

/**
 * Adds guests `[B, G, C]` to the hosts `[B, H, C]` that `targets` `[B, G, H]` assigns them to, a one for each guest. With
 * weights the mean: the weighted sum, divided by that of the weights.
 */
export const mergeRows = (hosts: Tensor, guests: Tensor, targets: Tensor, weights?: MergeWeights): Tensor =>
  apply(
    mergeRowsOp,
    weights ? [hosts, guests, targets, weights.hosts, weights.guests] : [hosts, guests, targets],
    {},
  );
