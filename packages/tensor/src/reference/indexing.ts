/** Gather, scatterAdd and topK. */

import type { OpCall } from '../op.js';
import type { Tensor } from '../tensor.js';
import { fill, moved, offsetIn, placesOf, reader, valuesOf, type Place } from './values.js';

/** Reads the index for a position of the gathered tensor, from one list for all or one per batch element. */
function indexReader(indices: Tensor, axis: number, batchDims: 0 | 1): (place: Place) => number {
  const read = reader(indices);
  return (place) => read(batchDims === 0 ? [place[axis]!] : [place[0]!, place[axis]!]);
}

export const indexingKernels = {
  gather: ({ inputs: [x, indices], attrs: { axis, batchDims }, output }: OpCall<'gather'>) => {
    const read = reader(x!);
    const indexAt = indexReader(indices!, axis, batchDims);
    return fill(output.shape, (place) => read(moved(place, axis, indexAt(place))));
  },

  scatterAdd: ({ inputs, attrs: { axis, batchDims }, output }: OpCall<'scatterAdd'>) => {
    const [base, indices, updates] = inputs;
    const result = valuesOf(base!).slice();
    const offset = offsetIn(output.shape);
    const read = reader(updates!);
    const indexAt = indexReader(indices!, axis, batchDims);
    for (const place of placesOf(updates!.shape)) {
      result[offset(moved(place, axis, indexAt(place)))]! += read(place);
    }
    return result;
  },

  topK: ({ inputs: [x], attrs: { k }, output }: OpCall<'topK'>) => {
    const last = x!.shape.at(-1)!;
    const rows = output.shape.slice(0, -1);
    const read = reader(x!);
    const result = Array.from(placesOf(rows), (row) => [...row]).flatMap((row) => {
      const valueAt = (index: number) => read([...row, index]);
      const ranked = Array.from({ length: last }, (_, index) => index);
      // The difference of two equal infinities is NaN, which is falsy like 0, so the position decides.
      return ranked.sort((a, b) => valueAt(b) - valueAt(a) || a - b).slice(0, k);
    });
    return Float64Array.from(result);
  },
};
