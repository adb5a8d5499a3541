/** What happens when nothing else is asked for: the same from the library, the command line and a page. */

/** The best of all methods at half of the multiply-accumulates, weights as they are. */
export const defaults = {
  method: 'auto',
  schedule: 'budget:0.5',
  recover: 'none',
  seed: 0,
  /** Images at a time. */
  batchSize: 8,
  /** Images that have a part in the plan, half of those there are at most. */
  calibrate: 256,
} as const;
