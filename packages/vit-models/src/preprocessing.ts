/** How an image becomes the input of a model. It belongs to the checkpoint: the weights were trained with it. */

/** Resize of the shorter side, centre crop, scaling to 0..1, then `(x - mean) / std` per RGB channel. */
export interface Preprocessing {
  /** Shorter side after the resize, in pixels. */
  readonly resize: number;
  /** Side of the square centre crop, in pixels: the model's image size. */
  readonly crop: number;
  readonly interpolation: 'bicubic';
  readonly mean: readonly [number, number, number];
  readonly std: readonly [number, number, number];
}

/** DeiT's own evaluation: shorter side 256 for a crop of 224 and in proportion for others; ImageNet statistics. */
export function deitPreprocessing(imageSize: number): Preprocessing {
  return {
    resize: Math.floor((imageSize * 256) / 224),
    crop: imageSize,
    interpolation: 'bicubic',
    mean: [0.485, 0.456, 0.406],
    std: [0.229, 0.224, 0.225],
  };
}

/**
 * The AugReg ViT weights as timm evaluates them: values in -1..1.
 *
 * @param cropFraction crop over shorter side: 0.9 at 224 pixels, 1 at 384
 */
export function augregPreprocessing(imageSize: number, cropFraction = 0.9): Preprocessing {
  return {
    resize: Math.floor(imageSize / cropFraction),
    crop: imageSize,
    interpolation: 'bicubic',
    mean: [0.5, 0.5, 0.5],
    std: [0.5, 0.5, 0.5],
  };
}

/** `crop_pct` of the configurations of timm. */
const usualFractions = [1, 0.875, 0.9, 0.95];

/**
 * Crop over shorter side, as timm's `crop_pct`: the usual or else the shortest decimal number with which
 * `floor(crop / fraction)`, which is how timm computes the shorter side, gives `resize` again. The bare quotient does not:
 * `288 / (288 / 448)` is a little below 448.
 */
export function cropFraction({ resize, crop }: Preprocessing): number {
  const gives = (fraction: number): boolean => Math.floor(crop / fraction) === resize;
  const usual = usualFractions.find(gives);
  if (usual !== undefined) return usual;
  for (let unit = 10; unit <= 1e12; unit *= 10) {
    const most = Math.floor((crop / resize) * unit);
    const found = [most / unit, (most - 1) / unit].find(gives);
    if (found !== undefined) return found;
  }
  return crop / resize;
}

/** The same preprocessing for another image size: the crop covers the same part of the image. */
export function withCrop(preprocessing: Preprocessing, imageSize: number): Preprocessing {
  if (preprocessing.crop === imageSize) return preprocessing;
  const resize = Math.floor(imageSize / cropFraction(preprocessing));
  return { ...preprocessing, resize, crop: imageSize };
}
