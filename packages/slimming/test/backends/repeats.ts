/** How much the nightly run does beyond every other: `tools/config/vitest.js` tells, since a page has no environment. */

import { inject } from 'vitest';

declare module 'vitest' {
  interface ProvidedContext {
    nightly: boolean;
  }
}

/** Whether this is `npm run test:nightly`. */
export const nightly = inject('nightly');

/** How often the work is repeated that may leave nothing behind. */
export const repeats = nightly ? { evaluations: 200, steps: 100 } : { evaluations: 12, steps: 20 };

/**
 * The first of some cases, all of them in the nightly run: software GPUs take half a minute for what other backends do in half a
 * second.
 */
export const fewOnGpu = <T>(cases: readonly T[], isGpu: boolean): readonly T[] =>
  nightly || !isGpu ? cases : cases.slice(0, 1);
