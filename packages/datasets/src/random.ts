/** Seeded random numbers, the same on every machine, so that a sample can be named by its seed. */

import { PatchslimError } from '@patchslim/tensor';

/**
 * A source of uniform numbers in [0, 1): mulberry32, 32 bits of state, period 2^32. For sampling, not for secrets.
 *
 * @param seed an integer; only its low 32 bits count
 * @throws `INVALID_ARGUMENT` when the seed is not an integer
 * @example
 * const random = createRandom(7);
 * const die = 1 + Math.floor(random() * 6);
 */
export function createRandom(seed: number): () => number {
  if (!Number.isSafeInteger(seed)) {
    throw new PatchslimError('INVALID_ARGUMENT', `createRandom: seed must be an integer, got ${seed}`, {
      seed,
    });
  }
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
}
