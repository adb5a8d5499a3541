/** Refuses results that are not finite: comparisons with NaN are always false, so NaN would go unnoticed. */

import { PatchslimError } from '@patchslim/tensor';

/** Throws `NUMERICAL` for NaN and infinity. */
export function requireFinite(values: Iterable<number>, what: string): void {
  for (const value of values) {
    if (Number.isFinite(value)) continue;
    const hint = 'are these weights of this architecture?';
    throw new PatchslimError('NUMERICAL', `${what}: expected finite numbers, got ${value}; ${hint}`);
  }
}
