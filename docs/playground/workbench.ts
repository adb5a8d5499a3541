/** The worker and the names of the methods, loaded after the page. */

import { methods } from '@patchslim/slimming';

export { createSlimWorker } from '@patchslim/browser';
export { formatPlan } from '@patchslim/slimming-schedules';

/** Methods that need no images: they choose tokens while the network runs. */
export const methodNames: readonly { readonly name: string; readonly summary: string }[] = methods
  .filter(({ plan }) => plan === undefined)
  .map(({ name, summary }) => ({ name, summary }));
