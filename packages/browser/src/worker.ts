/** The script of the worker that `createSlimWorker` starts. */

import { serveTasks } from './serve.js';

/** Whether this module answers calls: true in a worker, false in Node. */
export const serving = 'addEventListener' in globalThis;

if (serving) serveTasks();
