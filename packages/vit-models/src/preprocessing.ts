/** How an image becomes the input of a model. It belongs to the checkpoint: the weights were trained with it. */

import { cropFraction } from './crop-fraction.js';

/** The filters of Pillow, which widen when they make an image smaller; all but `nearest`. */
export type Interpolation = 'nearest' | 'box' | 'bilinear' | 'hamming' | 'bicubic' | 'lanczos';

/** Red, green and blue. */
export type PerChannel = readonly [number, number, number];

/** The size that an image gets before the crop, in pixels. `shortest` and `longest` keep its shape. */
export type Resize =
  /** `longest` caps the longer side, as transformers does. */
  | { readonly to: 'shortest'; readonly size: number; readonly longest?: number }
  | { readonly to: 'longest'; readonly size: number }
  | { readonly to: 'exact'; readonly height: number; readonly width: number }
  | { readonly to: 'none' };

/**
 * What is done to the RGB pixels of an image, in this order: resize, centre crop, `value · rescale`, then `(x - mean) / std` per
 * channel. A plain value.
 */
export interface Preprocessing {
  /** Of what the model gets, in pixels: its image size. */
  readonly height: number;
  /** Of what the model gets, in pixels: its image size. */
  readonly width: number;
  readonly resize: Resize;
  readonly interpolation: Interpolation;
  /**
   * Whether `height` × `width` is cut from the middle of the resized image, with `fill` around one that is smaller. Without it an
   * image that the resize does not bring to this size is refused.
   */
  readonly crop: boolean;
  /** Bytes of the pixels around an image that is smaller than the crop. */
  readonly fill: PerChannel;
  /**
   * Where a margin of half a pixel, and the shorter side after `longest`, is rounded to: `even` as torchvision and timm do, `down`
   * as transformers does.
   */
  readonly rounding: 'even' | 'down';
  /** Factor of the bytes; mostly 1/255. 1 leaves them from 0 to 255. */
  readonly rescale: number;
  /** 0 where nothing is subtracted. */
  readonly mean: PerChannel;
  /** 1 where nothing is divided. */
  readonly std: PerChannel;
}

/** `Resize(int)`, `CenterCrop` and `ToTensor` of torchvision. */
const torchvision = {
  interpolation: 'bicubic',
  crop: true,
  fill: [0, 0, 0],
  rounding: 'even',
  rescale: 1 / 255,
} as const;

/** Statistics of ImageNet, by channel. */
export const imagenetStatistics = {
  mean: [0.485, 0.456, 0.406],
  std: [0.229, 0.224, 0.225],
} as const;

/** DeiT's own evaluation: shorter side 256 for a crop of 224 and in proportion for others; ImageNet statistics. */
export function deitPreprocessing(imageSize: number): Preprocessing {
  return {
    height: imageSize,
    width: imageSize,
    resize: { to: 'shortest', size: Math.floor((imageSize * 256) / 224) },
    ...torchvision,
    ...imagenetStatistics,
  };
}

/**
 * The AugReg ViT weights as timm evaluates them: values in -1..1.
 *
 * @param cropFraction crop over shorter side: 0.9 at 224 pixels, 1 at 384
 */
export function augregPreprocessing(imageSize: number, cropFraction = 0.9): Preprocessing {
  return {
    height: imageSize,
    width: imageSize,
    resize: { to: 'shortest', size: Math.floor(imageSize / cropFraction) },
    ...torchvision,
    mean: [0.5, 0.5, 0.5],
    std: [0.5, 0.5, 0.5],
  };
}

/** The usual steps in short: torchvision's `Resize(resize)`, `CenterCrop(crop)`, `ToTensor` and `Normalize(mean, std)`. */
export interface ShortPreprocessing {
  /** Shorter side before the crop, pixels. */
  readonly resize: number;
  /** Height and width of the crop, pixels. */
  readonly crop: number;
  readonly interpolation: Interpolation;
  readonly mean: PerChannel;
  readonly std: PerChannel;
}

/**
 * All steps of a preprocessing that may be given in short.
 *
 * @example
 * fullPreprocessing({ resize: 256, crop: 224, interpolation: 'bicubic', ...imagenetStatistics });
 */
export function fullPreprocessing(given: Preprocessing | ShortPreprocessing): Preprocessing {
  if (typeof given.resize !== 'number') return given as Preprocessing;
  const { resize, crop, interpolation, mean, std } = given as ShortPreprocessing;
  const steps = { ...torchvision, interpolation, mean, std };
  return { height: crop, width: crop, resize: { to: 'shortest', size: resize }, ...steps };
}

/** The same preprocessing for another image size: the crop covers the same part of the image. */
export function withInputSize(preprocessing: Preprocessing, imageSize: number): Preprocessing {
  const { width, height, resize } = preprocessing;
  if (width === imageSize && height === imageSize) return preprocessing;
  const scaled = (size: number, crop: number): number =>
    Math.max(1, Math.floor(imageSize / cropFraction(crop, size)));
  return { ...preprocessing, height: imageSize, width: imageSize, resize: scaledResize(resize) };

  function scaledResize(from: Resize): Resize {
    switch (from.to) {
      case 'none':
        return from;
      case 'exact':
        return { to: 'exact', height: scaled(from.height, height), width: scaled(from.width, width) };
      case 'longest':
        return { to: 'longest', size: scaled(from.size, width) };
      case 'shortest':
        return {
          to: 'shortest',
          size: scaled(from.size, width),
          ...(from.longest !== undefined && { longest: scaled(from.longest, width) }),
        };
    }
  }
}
