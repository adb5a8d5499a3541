/** Seeded sampling: which images calibrate, and which are held back to evaluate. */

import { createRandom, PatchslimError } from '@patchslim/tensor';

/**
 * `count` of `examples`, drawn without replacement, in the order they have in `examples`.
 *
 * @throws `INVALID_ARGUMENT` when there are fewer than `count` examples, or `count` or `seed` is not an integer
 */
export function sampleExamples<T>(examples: readonly T[], count: number, seed: number): T[] {
  return splitExamples(examples, count, seed).chosen;
}

/**
 * Splits `examples` into `count` that are drawn without replacement and the rest, both in the order of `examples`.
 *
 * `chosen` is what `sampleExamples` returns for the same arguments.
 *
 * @throws `INVALID_ARGUMENT` when there are fewer than `count` examples, or `count` or `seed` is not an integer
 * @example
 * const { chosen: calibration, rest: heldBack } = splitExamples(folder.examples, 256, 0);
 */
export function splitExamples<T>(
  examples: readonly T[],
  count: number,
  seed: number,
): { chosen: T[]; rest: T[] } {
  if (!Number.isInteger(count) || count < 0 || count > examples.length) {
    throw new PatchslimError(
      'INVALID_ARGUMENT',
      `sample: count must be an integer from 0 to ${examples.length} (the number of examples), got ${count}`,
      { count, examples: examples.length },
    );
  }
  if (!Number.isSafeInteger(seed)) {
    throw new PatchslimError('INVALID_ARGUMENT', `sample: seed must be an integer, got ${seed}`, { seed });
  }
  const random = createRandom(seed);
  const indices = examples.map((_, index) => index);
  // The first `count` steps of a Fisher–Yates shuffle.
  for (let i = 0; i < count; i++) {
    const j = i + Math.floor(random() * (indices.length - i));
    [indices[i], indices[j]] = [indices[j]!, indices[i]!];
  }
  const drawn = new Set(indices.slice(0, count));
  return {
    chosen: examples.filter((_, index) => drawn.has(index)),
    rest: examples.filter((_, index) => !drawn.has(index)),
  };
}
