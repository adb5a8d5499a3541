/** What does the work, loaded once the page stands: workers, and the names of the methods. */

import { createSlimWorker, type SlimWorker } from '@patchslim/browser';
import WorkerScript from '@patchslim/browser/worker?worker';
import { runtimeMethods } from '@patchslim/slimming';

export { formatPlan } from '@patchslim/slimming-schedules';

/** A worker that holds one model on one backend. */
export const startWorker = (): SlimWorker => createSlimWorker({ worker: new WorkerScript() });

/** Methods that choose tokens while the network runs. */
export const methodNames: readonly { readonly name: string; readonly summary: string }[] = runtimeMethods.map(
  ({ name, summary }) => ({ name, summary }),
);
