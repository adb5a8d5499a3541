/** Arithmetic of the plain-loop oracle. */

export const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, value, i) => sum + value * b[i]!, 0);
export const cosine = (a: readonly number[], b: readonly number[]): number =>
  dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
export const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);
export const mean = (values: readonly number[]): number => total(values) / values.length;
export const plus = (a: readonly number[], b: readonly number[]): number[] =>
  a.map((value, i) => value + b[i]!);

/** The mean of rows, each with a weight. */
export const meanRow = (rows: readonly (readonly number[])[], weights: readonly number[]): number[] =>
  rows[0]!.map((_, c) => total(rows.map((row, i) => weights[i]! * row[c]!)) / total(weights));

/** Indices from the largest number to the smallest. Ties: the first index. */
export const downwards = (values: readonly number[]): number[] =>
  [...values.keys()].sort((a, b) => values[b]! - values[a]!);

/** Integral of the normal density by Simpson's rule: slow, but independent of any erf. */
export function normalCdf(x: number): number {
  const steps = 2 * Math.ceil(20 * Math.abs(x) + 1);
  const h = x / steps;
  const density = (t: number) => Math.exp(-t * t * 0.5) / Math.sqrt(2 * Math.PI);
  let sum = density(0) + density(x);
  for (let i = 1; i < steps; i++) sum += density(i * h) * (i % 2 === 0 ? 2 : 4);
  return 0.5 + (sum * h) / 3;
}
