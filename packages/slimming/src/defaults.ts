/** Default options of the library, the command line and web pages. */

/** The best of all methods at half of the multiply-accumulates, with unchanged weights. */
export const defaults = {
  method: 'auto',
  schedule: 'budget:0.5',
  recover: 'none',
  seed: 0,
  /** Images per batch. */
  batchSize: 8,
  /** Images used for the plan, at most half of the images. */
  calibrate: 256,
} as const;
