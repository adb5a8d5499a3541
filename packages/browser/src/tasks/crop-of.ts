/** The crop of a request's image that the model sees. */

import { decodeCrop, type RgbImage } from '@patchslim/datasets';
import type { Checkpoint } from '@patchslim/vit-models';
import type { ImagePixels } from '../tasks.js';

/** The crop, before normalisation. @throws errors of decoding */
export function cropOf(
  image: Blob | ImagePixels,
  { preprocessing }: Pick<Checkpoint, 'preprocessing'>,
): Promise<RgbImage> {
  return decodeCrop('data' in image ? withoutAlpha(image) : image, preprocessing);
}

/** `ImageData` of a canvas has a fourth channel. */
function withoutAlpha(image: ImagePixels): ImagePixels {
  const { data, width, height } = image;
  if (data.length !== 4 * width * height) return image;
  const rgb = new Uint8Array(3 * width * height);
  for (let from = 0, to = 0; from < data.length; from += 4) {
    rgb[to++] = data[from]!;
    rgb[to++] = data[from + 1]!;
    rgb[to++] = data[from + 2]!;
  }
  return { data: rgb, width, height };
}
