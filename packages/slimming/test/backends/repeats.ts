/** How often the work is repeated that may leave nothing behind: `tools/config/vitest.js` says so, since a page has no environment. */

import { inject } from 'vitest';

declare module 'vitest' {
  interface ProvidedContext {
    repeats: { readonly evaluations: number; readonly steps: number };
  }
}

export const repeats = inject('repeats');
