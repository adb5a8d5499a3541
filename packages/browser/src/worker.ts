/** The script of the worker that `createSlimWorker` starts. */

import { serveTasks } from './serve.js';

/** Whether this module answers calls: in a worker it does, in Node nobody could post to it. */
export const serving = 'addEventListener' in globalThis;

if (serving) serveTasks();
