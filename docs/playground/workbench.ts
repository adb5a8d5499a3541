/** What does the work, loaded once the page stands: workers, and the names of the methods. */

import { runtimeMethods } from '@patchslim/slimming';

export { createSlimWorker } from '@patchslim/browser';
export { formatPlan } from '@patchslim/slimming-schedules';

/** Methods that choose tokens while the network runs. */
export const methodNames: readonly { readonly name: string; readonly summary: string }[] = runtimeMethods.map(
  ({ name, summary }) => ({ name, summary }),
);
