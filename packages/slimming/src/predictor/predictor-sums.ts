/**
 * Sufficient sums for fitting a predictor. Their size does not depend on the number of images. Float64 throughout.
 *
 * Only the order of an image's tokens matters, so each image is centred first: its targets by their mean over its `P`
 * patches, and its `g` features likewise. The mean over images at each position is then the position score; the
 * features explain the rest.
 */

import type { RidgeSums } from '../recover/ridge.js';

export interface PredictorSums {
  readonly patches: number;
  readonly groups: number;
  readonly images: number;
  /** `Σ u uᵀ` of the features, `[g, g]`; lower half. */
  readonly gram: Float64Array;
  /** `Σ u y`, `[g]`. */
  readonly cross: Float64Array;
  /** `Σ y²`. */
  readonly square: number;
  /** Sums over images: features `[P, g]` and targets `[P]` of each position. */
  readonly features: Float64Array;
  readonly targets: Float64Array;
}

export interface SumsCollector {
  /** Adds one image. @param features `[P, g]` @param targets `[P]` */
  add(features: ArrayLike<number>, targets: ArrayLike<number>): void;
  sums(): PredictorSums;
}

export function collectSums(patches: number, groups: number): SumsCollector {
  const gram = new Float64Array(groups * groups);
  const cross = new Float64Array(groups);
  const features = new Float64Array(patches * groups);
  const targets = new Float64Array(patches);
  const [u, y] = [new Float64Array(patches * groups), new Float64Array(patches)];
  let square = 0;
  let images = 0;
  return {
    add(imageFeatures, imageTargets) {
      images++;
      centre(imageFeatures, groups, u);
      centre(imageTargets, 1, y);
      for (let i = 0; i < u.length; i++) features[i]! += u[i]!;
      for (let p = 0; p < patches; p++) {
        const [row, target] = [p * groups, y[p]!];
        targets[p]! += target;
        square += target * target;
        for (let g = 0; g < groups; g++) {
          const value = u[row + g]!;
          cross[g]! += value * target;
          for (let h = 0; h <= g; h++) gram[g * groups + h]! += value * u[row + h]!;
        }
      }
    },
    sums: () => ({ patches, groups, images, gram, cross, square, features, targets }),
  };
}

/** The sums of two sets of images together. */
export function addSums(a: PredictorSums, b: PredictorSums): PredictorSums {
  const plus = (x: Float64Array, y: Float64Array) => x.map((value, i) => value + y[i]!);
  return {
    ...a,
    images: a.images + b.images,
    gram: plus(a.gram, b.gram),
    cross: plus(a.cross, b.cross),
    square: a.square + b.square,
    features: plus(a.features, b.features),
    targets: plus(a.targets, b.targets),
  };
}

/**
 * The regression of the residuals after subtracting the means of each position over `centres`, which can be other
 * images: rows `[u − ū_p, 1]`, right sides `y − ȳ_p`.
 */
export function residualSums(sums: PredictorSums, centres: PredictorSums): RidgeSums {
  const { patches, groups, images } = sums;
  const inputs = groups + 1;
  const gram = new Float64Array(inputs * inputs);
  const cross = new Float64Array(inputs);
  for (let g = 0; g < groups; g++) {
    for (let h = 0; h <= g; h++) gram[g * inputs + h] = sums.gram[g * groups + h]!;
    cross[g] = sums.cross[g]!;
  }
  let square = sums.square;
  for (let p = 0; p < patches; p++) {
    const row = p * groups;
    const target = centres.targets[p]! / centres.images;
    const targets = sums.targets[p]!;
    square += target * (images * target - 2 * targets);
    for (let g = 0; g < groups; g++) {
      const [mean, total] = [centres.features[row + g]! / centres.images, sums.features[row + g]!];
      cross[g]! += images * mean * target - mean * targets - total * target;
      gram[groups * inputs + g]! += total - images * mean;
      for (let h = 0; h <= g; h++) {
        const [other, others] = [centres.features[row + h]! / centres.images, sums.features[row + h]!];
        gram[g * inputs + h]! += images * mean * other - mean * others - total * other;
      }
    }
    cross[groups]! += targets - images * target;
  }
  gram[inputs * inputs - 1] = images * patches;
  for (let i = 0; i < inputs; i++) for (let j = 0; j < i; j++) gram[j * inputs + i] = gram[i * inputs + j]!;
  return { inputs, outputs: 1, gram, cross, square };
}

/** `[P, width]` minus the mean of each column. */
function centre(values: ArrayLike<number>, width: number, into: Float64Array): void {
  const rows = into.length / width;
  for (let column = 0; column < width; column++) {
    let total = 0;
    for (let row = 0; row < rows; row++) total += values[row * width + column]!;
    for (let i = column; i < into.length; i += width) into[i] = values[i]! - total / rows;
  }
}
