/** Extra work of the nightly run. `tools/config/vitest.js` provides the setting, because a page has no environment. */

import { inject } from 'vitest';

declare module 'vitest' {
  interface ProvidedContext {
    nightly: boolean;
  }
}

/** Whether this is `npm run test:nightly`. */
export const nightly = inject('nightly');

/** Repetitions in leak tests. */
export const repeats = nightly ? { evaluations: 200, steps: 100 } : { evaluations: 12, steps: 20 };

/**
 * The first of several cases; all cases in the nightly run. Software GPUs take half a minute where other backends
 * take half a second.
 */
export const fewOnGpu = <T>(cases: readonly T[], isGpu: boolean): readonly T[] =>
  nightly || !isGpu ? cases : cases.slice(0, 1);
