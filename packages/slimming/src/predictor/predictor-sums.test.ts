/** Predictors from sums, against the same regression over all images and patches. */

import { createRandom } from '@patchslim/tensor';
import { describe, expect, it } from 'vitest';
import { squaredError } from '../recover/ridge.js';
import { addSums, collectSums, residualSums } from './predictor-sums.js';
import { solvePredictor } from './solve-predictor.js';

const [patches, groups] = [5, 3];
const slope = [0.7, -1.2, 0.4];
const random = createRandom(5);

interface Sample {
  readonly features: number[];
  readonly targets: number[];
}

/** `y = a_p + slope · x + c_image`, and noise. */
function samples(count: number, noise: number): Sample[] {
  return Array.from({ length: count }, () => {
    const shift = 10 * random();
    const features = Array.from({ length: patches * groups }, (_, i) => random() + (i % 4) + shift);
    const targets = Array.from(
      { length: patches },
      (_, p) =>
        slope.reduce((sum, weight, g) => sum + weight * features[p * groups + g]!, Math.sin(p) + shift) +
        noise * (random() - 0.5),
    );
    return { features, targets };
  });
}

function sumsOf(images: readonly Sample[]) {
  const collector = collectSums(patches, groups);
  for (const { features, targets } of images) collector.add(features, targets);
  return collector.sums();
}

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

describe('residualSums', () => {
  it('equals the sums of the residuals, also when centred by other images', () => {
    const [own, others] = [samples(7, 1), samples(4, 1)];
    const centred = (set: readonly Sample[]) =>
      set.map(({ features, targets }) => ({
        u: features.map((value, i) => value - mean(features.filter((_, j) => j % groups === i % groups))),
        y: targets.map((value) => value - mean(targets)),
      }));
    const centres = centred(others);
    const solution = Float64Array.of(0.3, -0.2, 0.5, 0.1);
    let error = 0;
    let square = 0;
    for (const { u, y } of centred(own)) {
      for (let p = 0; p < patches; p++) {
        const right = y[p]! - mean(centres.map((image) => image.y[p]!));
        let product = solution[3]!;
        for (let g = 0; g < groups; g++) {
          const i = p * groups + g;
          product += solution[g]! * (u[i]! - mean(centres.map((image) => image.u[i]!)));
        }
        error += (product - right) ** 2;
        square += right ** 2;
      }
    }
    const sums = residualSums(sumsOf(own), sumsOf(others));
    expect(sums.square).toBeCloseTo(square, 9);
    expect(squaredError(sums, solution)).toBeCloseTo(error, 9);
  });

  it('adds up over sets', () => {
    const [a, b] = [samples(3, 1), samples(4, 1)];
    const together = sumsOf([...a, ...b]);
    const added = addSums(sumsOf(a), sumsOf(b));
    expect(added.images).toBe(7);
    expect(added.square).toBeCloseTo(together.square, 9);
    for (const part of ['gram', 'cross', 'features', 'targets'] as const) {
      for (const [i, value] of together[part].entries()) expect(added[part][i]).toBeCloseTo(value, 9);
    }
  });
});

describe('solvePredictor', () => {
  it('finds the slope and the positions, independent of an offset per image', () => {
    const { score, r2, staticR2 } = solvePredictor(sumsOf(samples(60, 0)), sumsOf(samples(12, 0)), 2);
    expect(r2).toBeGreaterThan(0.999);
    expect(staticR2).toBeLessThan(0.97);
    expect(score.weights).toHaveLength(groups);
    for (const [g, weight] of score.weights.entries()) expect(weight).toBeCloseTo(slope[g]!, 3);
    expect(score.positions.slice(0, 2)).toEqual([0, 0]);
    const steps = score.positions.slice(2).map((value) => value - score.positions[2]!);
    for (const [p, step] of steps.entries()) expect(step).toBeCloseTo(Math.sin(p), 2);
  });

  it('ignores features without information', () => {
    const noise = (count: number) =>
      samples(count, 1).map(({ features }) => ({
        features,
        targets: Array.from({ length: patches }, (_, p) => p + random() / 10),
      }));
    const { score, r2, staticR2 } = solvePredictor(sumsOf(noise(3)), sumsOf(noise(40)), 1);
    expect(r2).toBeGreaterThanOrEqual(staticR2);
    expect(staticR2).toBeGreaterThan(0.99);
    for (const weight of score.weights) expect(Math.abs(weight)).toBeLessThan(0.05);
  });

  it('learns only positions from identical images', () => {
    const [image] = samples(1, 1);
    const same = (count: number) => sumsOf(Array.from({ length: count }, () => image!));
    const { score, r2, staticR2 } = solvePredictor(same(9), same(3), 1);
    expect(score.weights).toEqual([0, 0, 0]);
    expect(r2).toBeCloseTo(1, 6);
    expect(staticR2).toBe(r2);
    const steps = image!.targets.map((target) => target - image!.targets[0]!);
    for (const [p, step] of steps.entries()) {
      expect(score.positions[p + 1]! - score.positions[1]!).toBeCloseTo(step, 6);
    }
  });

  it('accepts constant images', () => {
    const flat = sumsOf([{ features: Array<number>(15).fill(1), targets: Array<number>(5).fill(2) }]);
    expect(solvePredictor(flat, flat, 1)).toEqual({
      score: { name: 'predictor', positions: [0, 0, 0, 0, 0, 0], weights: [0, 0, 0] },
      r2: 0,
      staticR2: 0,
    });
  });
});
