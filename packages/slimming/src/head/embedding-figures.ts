/** How well embeddings serve in place of the dense network's: figures that need no labels. */

import { range } from '@patchslim/tensor';
import { cosineOf, normalizedRows } from './cosine.js';

/** Embeddings of images, and what is true of these. */
export interface Embeddings {
  /** `D`. */
  readonly width: number;
  /** `[images, D]`. */
  readonly values: Float32Array;
  /** Labels of the images, if all have one: classes for zero-shot classification. */
  readonly labels?: Int32Array;
}

/** Embeddings beside those of the dense network. */
export interface EmbeddingFigures {
  /** Mean cosine of an image's two embeddings. */
  readonly cosine: number;
  /** First percentile of the cosine: 1 % of the images are below. */
  readonly cosineP1: number;
  /** Percent of images whose nearest other image is the same; from three images on. */
  readonly neighbour1?: number;
  /** Mean share of the ten nearest other images that are the same, percent; from twelve images on. */
  readonly neighbours10?: number;
}

/** More images would take long: neighbours are sought among the first. */
const mostImages = 2000;

/** Compares embeddings with a reference for the same images. Nearest are the images with the largest cosine. */
export function embeddingFigures(
  { width, values }: Embeddings,
  reference: Pick<Embeddings, 'values'>,
): EmbeddingFigures {
  const images = values.length / width;
  const row = (of: Float32Array, image: number) => of.subarray(image * width, (image + 1) * width);
  const cosines = range(images).map((image) => cosineOf(row(values, image), row(reference.values, image)));
  const count = Math.min(images, mostImages);
  const [own, theirs] = [values, reference.values].map((all) =>
    neighbours(normalizedRows(all.subarray(0, count * width), width), width, 10),
  );
  const shared = (k: number): number =>
    (100 / (count * k)) *
    range(count).reduce((sum, image) => {
      const wanted = new Set(theirs![image]!.slice(0, k));
      return sum + own![image]!.slice(0, k).filter((other) => wanted.has(other)).length;
    }, 0);
  return {
    cosine: cosines.reduce((a, b) => a + b, 0) / images,
    cosineP1: percentile(cosines, 0.01),
    ...(count > 2 ? { neighbour1: shared(1) } : {}),
    ...(count > 11 ? { neighbours10: shared(10) } : {}),
  };
}

/** For each row the `k` others with the largest dot product, nearest first; of equal ones the first. */
function neighbours(rows: Float32Array, width: number, k: number): number[][] {
  const count = rows.length / width;
  const products = new Float64Array(count);
  return range(count).map((image) => {
    for (let other = 0; other < count; other++) {
      let dot = 0;
      for (let i = 0; i < width; i++) dot += rows[image * width + i]! * rows[other * width + i]!;
      products[other] = dot;
    }
    const others = range(count).filter((other) => other !== image);
    return others.sort((a, b) => products[b]! - products[a]!).slice(0, k);
  });
}

/** With linear interpolation between the two values next to the place. */
function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const place = share * (sorted.length - 1);
  const low = sorted[Math.floor(place)]!;
  return low + (place % 1) * (sorted[Math.ceil(place)]! - low);
}
