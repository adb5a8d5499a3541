/** Repetitions in leak tests. */

import { nightly } from '@patchslim/testing/by-day';

export const repeats = nightly ? { evaluations: 200, steps: 100 } : { evaluations: 12, steps: 20 };
