/** Where the part that the model sees lies in an image: `Resize` and `CenterCrop` of torchvision, timm and transformers. */

import type { Preprocessing } from '@patchslim/vit-models';

/** The size an image is resized to, and the corner of the crop in the resized image; all in pixels. */
export interface CropGeometry {
  readonly width: number;
  readonly height: number;
  /** Negative where the resized image is smaller than the crop. */
  readonly left: number;
  readonly top: number;
}

/** The resized size and the crop corner for an image of `width` × `height` pixels. One pixel of shift would be visible in the logits. */
export function cropGeometry(width: number, height: number, preprocessing: Preprocessing): CropGeometry {
  const resized = resizedSize(width, height, preprocessing);
  const margin = preprocessing.rounding === 'down' ? Math.floor : marginOfTorchvision;
  return {
    ...resized,
    left: margin((resized.width - preprocessing.width) / 2),
    top: margin((resized.height - preprocessing.height) / 2),
  };
}

interface Size {
  readonly width: number;
  readonly height: number;
}

function resizedSize(width: number, height: number, { resize, rounding }: Preprocessing): Size {
  switch (resize.to) {
    case 'none':
      return { width, height };
    case 'exact':
      return { width: resize.width, height: resize.height };
    case 'longest':
      return longestTo(resize.size, width, height, rounding);
    case 'shortest':
      return resize.longest === undefined
        ? shortestTo(resize.size, width, height)
        : shortestWithin(resize.size, resize.longest, width, height);
  }
}

/** The longer side is cut to an integer: torchvision's `Resize(int)`. */
function shortestTo(size: number, width: number, height: number): Size {
  const shorter = Math.min(width, height);
  return {
    width: width === shorter ? size : Math.trunc((size * width) / shorter),
    height: height === shorter ? size : Math.trunc((size * height) / shorter),
  };
}

/** `get_size_with_aspect_ratio` of transformers. */
function shortestWithin(size: number, longest: number, width: number, height: number): Size {
  const [shorter, longer] = [Math.min(width, height), Math.max(width, height)];
  const isCapped = (longer / shorter) * size > longest;
  const exact = isCapped ? (longest * shorter) / longer : size;
  const short = isCapped ? roundHalfToEven(exact) : size;
  if (shorter === short) return { width, height };
  const side = (own: number, other: number): number => Math.max(1, Math.trunc((exact * own) / other));
  return width < height
    ? { width: Math.max(1, short), height: side(height, width) }
    : { width: side(width, height), height: Math.max(1, short) };
}

/** `ResizeKeepRatio` of timm rounds; transformers, where it keeps a shape, cuts. */
function longestTo(size: number, width: number, height: number, rounding: 'even' | 'down'): Size {
  if (rounding === 'even') {
    const ratio = Math.max(height / size, width / size);
    return {
      width: Math.max(1, roundHalfToEven(width / ratio)),
      height: Math.max(1, roundHalfToEven(height / ratio)),
    };
  }
  const longer = Math.max(width, height);
  const side = (own: number): number =>
    own === longer ? size : Math.max(1, Math.trunc((size * own) / longer));
  return { width: side(width), height: side(height) };
}

/** Half to even where something is cut off; where something is put around, the odd pixel goes to the right and to the bottom. */
const marginOfTorchvision = (margin: number): number =>
  margin < 0 ? Math.ceil(margin) : roundHalfToEven(margin);

/** As Python's `round`. */
function roundHalfToEven(value: number): number {
  const floor = Math.floor(value);
  return value - floor === 0.5 ? floor + (floor % 2) : Math.round(value);
}
