/** Learning-rate schedules. */

import { PatchslimError } from '@patchslim/tensor';

/** The learning rate at `step` (from 0) of `steps` in total. */
export type LearningRate = (step: number, steps: number) => number;

/** Options of `cosine`. */
export interface CosineOptions {
  /** Largest rate. */
  readonly peak: number;
  /** Fraction of the steps in which the rate rises to the peak. @default 0.1 */
  readonly warmup?: number | undefined;
  /** Final rate, as a fraction of the peak. @default 0 */
  readonly floor?: number | undefined;
}

/**
 * Rises linearly to `peak`, then falls along half a cosine (Loshchilov and Hutter, arXiv 1608.03983).
 * @throws INVALID_ARGUMENT unless `peak` > 0, 0 ≤ `warmup` < 1 and 0 ≤ `floor` < 1
 */
export function cosine({ peak, warmup = 0.1, floor = 0 }: CosineOptions): LearningRate {
  if (!(peak > 0 && Number.isFinite(peak)) || !(warmup >= 0 && warmup < 1) || !(floor >= 0 && floor < 1)) {
    throw new PatchslimError(
      'INVALID_ARGUMENT',
      `cosine(): expected peak > 0, 0 ≤ warmup < 1 and 0 ≤ floor < 1, got ${peak}, ${warmup}, ${floor}`,
      { peak, warmup, floor },
    );
  }
  return (step, steps) => {
    const rising = Math.floor(warmup * steps);
    if (step < rising) return (peak * (step + 1)) / rising;
    const progress = (step - rising) / Math.max(1, steps - rising);
    return peak * (floor + ((1 - floor) * (1 + Math.cos(Math.PI * progress))) / 2);
  };
}
