/** The script of the worker that `createSlimWorker` starts. */

import { serveTasks } from './serve.js';

serveTasks();
