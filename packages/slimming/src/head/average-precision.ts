/** Average precision: how well the scores of a class put the images that have it before those that have not. */

/**
 * `AP = Σ_k (R_k − R_{k−1}) P_k` over the thresholds `k`, without interpolation; images with equal scores share a threshold.
 * @param scores of one class, one for each image; only their order counts
 * @param targets 1 for an image that has the class, else 0
 * @returns 0 to 1; null for a class that no image has
 * @example averagePrecision([0.9, 0.8, 0.1], [1, 0, 1]); // (1 + 2 / 3) / 2
 */
export function averagePrecision(scores: ArrayLike<number>, targets: ArrayLike<number>): number | null {
  const order = Array.from(scores, (_, image) => image).sort((a, b) => scores[b]! - scores[a]!);
  const positives = order.reduce((count, image) => count + targets[image]!, 0);
  if (positives === 0) return null;
  let [found, counted, sum] = [0, 0, 0];
  for (const [place, image] of order.entries()) {
    found += targets[image]!;
    const next = order[place + 1];
    if (next !== undefined && scores[next] === scores[image]) continue;
    sum += ((found - counted) / positives) * (found / (place + 1));
    counted = found;
  }
  return sum;
}
