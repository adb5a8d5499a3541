/** Position embeddings for another image size: the grid part is resized as an image, the prefix tokens are kept. */

import { float32, PatchslimError, type HostTensor } from '@patchslim/tensor';

/** Options of `resizePositionEmbedding`. */
export interface PositionEmbeddingOptions {
  /** Tokens before the grid: 1, or 2 in a distilled model. */
  readonly prefixTokens: number;
  /** Patches along one side of the new grid. */
  readonly gridSize: number;
  /**
   * `true` (default) as timm does it: the kernel widens when the grid shrinks, a = -0.5. `false` as DeiT and Hugging
   * Face do it: four taps whatever the scale, a = -0.75. Both have the corners of PyTorch's `align_corners=False`.
   */
  readonly antialias?: boolean;
}

/** Weights of the input positions from `first` on that make one output position. */
interface Taps {
  readonly first: number;
  readonly weights: readonly number[];
}

/**
 * Resizes `[1, N, D]` by bicubic interpolation.
 *
 * @throws `INVALID_ARGUMENT` unless `N` is prefix + n²
 */
export function resizePositionEmbedding(
  embedding: HostTensor<'float32'>,
  { prefixTokens, gridSize, antialias = true }: PositionEmbeddingOptions,
): HostTensor<'float32'> {
  const [, tokens = 0, width = 0] = embedding.shape;
  const oldSize = Math.sqrt(tokens - prefixTokens);
  if (embedding.shape.length !== 3 || !Number.isInteger(oldSize) || oldSize === 0) {
    throw new PatchslimError(
      'INVALID_ARGUMENT',
      `resizePositionEmbedding: expected [1, ${prefixTokens} + n², D], got [${embedding.shape.join(', ')}]`,
      { shape: embedding.shape },
    );
  }
  const taps = Array.from({ length: gridSize }, (_, position) =>
    antialias ? antialiasedTaps(position, oldSize, gridSize) : fourTaps(position, oldSize, gridSize),
  );
  const prefix = embedding.data.subarray(0, prefixTokens * width);
  const grid = Float64Array.from(embedding.data.subarray(prefixTokens * width));
  // The kernel is separable: first along the rows, then along the columns.
  const wide = resample(grid, { outer: oldSize, length: oldSize, inner: width }, taps);
  const resized = resample(wide, { outer: 1, length: oldSize, inner: gridSize * width }, taps);

  const data = new Float32Array(prefix.length + resized.length);
  data.set(prefix);
  data.set(resized, prefix.length);
  return float32([1, prefixTokens + gridSize ** 2, width], data);
}

/** Resamples the middle axis of a row-major `[outer, length, inner]`. */
function resample(
  input: Float64Array,
  { outer, length, inner }: { outer: number; length: number; inner: number },
  taps: readonly Taps[],
): Float64Array {
  const output = new Float64Array(outer * taps.length * inner);
  for (let o = 0; o < outer; o++) {
    for (const [position, { first, weights }] of taps.entries()) {
      const to = (o * taps.length + position) * inner;
      for (const [tap, weight] of weights.entries()) {
        const from = (o * length + Math.min(Math.max(first + tap, 0), length - 1)) * inner;
        for (let i = 0; i < inner; i++) output[to + i]! += weight * input[from + i]!;
      }
    }
  }
  return output;
}

function fourTaps(position: number, oldSize: number, newSize: number): Taps {
  const centre = ((position + 0.5) * oldSize) / newSize - 0.5;
  const first = Math.floor(centre) - 1;
  return { first, weights: [0, 1, 2, 3].map((tap) => cubic(first + tap - centre, -0.75)) };
}

function antialiasedTaps(position: number, oldSize: number, newSize: number): Taps {
  const scale = oldSize / newSize;
  const stretch = Math.max(scale, 1);
  const centre = (position + 0.5) * scale;
  const support = 2 * stretch;
  const first = Math.max(Math.floor(centre - support + 0.5), 0);
  const end = Math.min(Math.floor(centre + support + 0.5), oldSize);
  const raw = Array.from({ length: end - first }, (_, tap) =>
    cubic((first + tap + 0.5 - centre) / stretch, -0.5),
  );
  const sum = raw.reduce((total, weight) => total + weight, 0);
  return { first, weights: raw.map((weight) => weight / sum) };
}

/** Keys' cubic convolution kernel with parameter `a`, of support 2. */
function cubic(x: number, a: number): number {
  const t = Math.abs(x);
  if (t < 1) return ((a + 2) * t - (a + 3)) * t * t + 1;
  if (t < 2) return (((t - 5) * t + 8) * t - 4) * a;
  return 0;
}
