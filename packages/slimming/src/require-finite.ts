/** What a network computes is finite, or of no use: every comparison with NaN is false, and so would pass unnoticed. */

import { PatchslimError } from '@patchslim/tensor';

/** Throws `NUMERICAL` for NaN and infinity. */
export function requireFinite(values: Iterable<number>, what: string): void {
  for (const value of values) {
    if (Number.isFinite(value)) continue;
    const hint = 'are these weights of this architecture?';
    throw new PatchslimError('NUMERICAL', `${what}: expected finite numbers, got ${value}; ${hint}`);
  }
}
