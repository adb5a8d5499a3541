/** Some images of a set. */

import { checkOrder } from './order.js';
import { contentKeyOf, keyOf } from './content-key.js';
import type { ImageSet } from './image-set.js';

/**
 * Some images of a set as a set of their own, under the same name. Nothing is copied.
 *
 * @param indices of the images, in the order that the new set has
 * @throws `INVALID_ARGUMENT` for an index out of range
 * @example
 * const firstTen = subset(images, range(10));
 */
export function subset(images: ImageSet, indices: readonly number[]): ImageSet {
  checkOrder('subset', images.count, indices);
  if (images.pick) return images.pick(indices);
  return {
    name: images.name,
    count: indices.length,
    ...(images.inMemory && { inMemory: true }),
    batches(batchSize, { order, ...options } = {}) {
      if (order) checkOrder('subset', indices.length, order);
      const chosen = order?.map((index) => indices[index]!) ?? indices;
      return images.batches(batchSize, { ...options, order: chosen });
    },
    contentKey: async (options = {}) => keyOf('subset', [await contentKeyOf(images, options), indices]),
  };
}
