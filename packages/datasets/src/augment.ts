/** Random changes of training images that leave what they show: mirrored, and shifted by a few pixels. */

import { describe, PatchslimError, type HostTensor, type Random } from '@patchslim/tensor';

/** How images are varied. */
export interface AugmentOptions {
  /** Whether each image is mirrored, left to right, with probability 1/2. */
  readonly flip: boolean;
  /**
   * Each image is shifted by -shift … shift pixels along both axes, each number equally likely; the pixels of its edge
   * are repeated where it has none. That is a random crop of the image with `shift` pixels of padding.
   */
  readonly shift: number;
}

/**
 * A changed copy of each image. Per image, and in this order, `random` is asked once for the mirroring (if `flip`), and
 * once each for the shift down and to the right (if `shift` is not 0): the same seed gives the same images.
 *
 * @param images [B, C, H, W]
 * @throws `SHAPE_MISMATCH` for other than four dimensions; `INVALID_ARGUMENT` unless `shift` is an integer from 0 to below
 * the smaller side
 * @example
 * const random = createRandom(0);
 * for await (const { images } of set.batches(64, { order })) train(augmentBatch(images, random, { flip: true, shift: 2 }));
 */
export function augmentBatch(
  images: HostTensor<'float32'>,
  random: Random,
  { flip, shift }: AugmentOptions,
): HostTensor<'float32'> {
  if (images.shape.length !== 4) {
    const message = `augmentBatch: expected images [B, C, H, W], got ${describe(images)}`;
    throw new PatchslimError('SHAPE_MISMATCH', message, { shape: images.shape });
  }
  const [count, channels, height, width] = images.shape as [number, number, number, number];
  const most = Math.min(height, width) - 1;
  if (!Number.isSafeInteger(shift) || shift < 0 || shift > most) {
    const message = `augmentBatch: expected shift to be an integer from 0 to ${most}, got ${shift}`;
    throw new PatchslimError('INVALID_ARGUMENT', message, { shift, height, width });
  }
  const source = images.data;
  const data = new Float32Array(source.length);
  const draw = (): number => (shift === 0 ? 0 : Math.floor(random() * (2 * shift + 1)) - shift);
  const columns = new Int32Array(width);
  let at = 0;
  for (let image = 0; image < count; image++) {
    const mirrored = flip && random() < 0.5;
    const down = draw();
    const right = draw();
    // Where each column of the result comes from; worked out once, for all rows and channels.
    for (let x = 0; x < width; x++) {
      const from = clamp(x - right, width - 1);
      columns[x] = mirrored ? width - 1 - from : from;
    }
    for (let channel = 0; channel < channels; channel++) {
      const plane = (image * channels + channel) * height * width;
      for (let y = 0; y < height; y++) {
        const row = plane + clamp(y - down, height - 1) * width;
        for (let x = 0; x < width; x++) data[at++] = source[row + columns[x]!]!;
      }
    }
  }
  return { shape: images.shape, dtype: 'float32', data };
}

const clamp = (value: number, most: number): number => Math.min(Math.max(value, 0), most);
