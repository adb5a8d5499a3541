/** All tasks over one session. */

import type { LongCallOptions } from '@patchslim/tensor';
import { createSession, type SessionOptions } from './session.js';
import type { TaskName, Tasks } from './tasks.js';
import { classifyTask } from './tasks/classify.js';
import { embedTask } from './tasks/embed.js';
import { inspectTask } from './tasks/inspect.js';
import { measureTask } from './tasks/measure.js';
import { memoryTask } from './tasks/memory.js';
import { patchTokensTask } from './tasks/patch-tokens.js';
import { openTask } from './tasks/open.js';
import { planTask } from './tasks/plan.js';
import { slimTask } from './tasks/slim.js';

/** The tasks as functions. They must not run at the same time: wait for each before you call the next. */
export type TaskTable = {
  readonly [Name in TaskName]: (
    request: Parameters<Tasks[Name]>[0],
    options: LongCallOptions,
  ) => Promise<ReturnType<Tasks[Name]>>;
};

/**
 * Creates the tasks of a worker. They also work without a worker, and in Node.
 * @example
 * const tasks = createTasks();
 * await tasks.open({ backends: ['native'], model: 'deit-tiny' }, {});
 */
export function createTasks(options: SessionOptions = {}): TaskTable {
  const session = createSession(options);
  return {
    open: (request, context) => openTask(session, request, context),
    plan: (request, context) => planTask(session, request, context),
    slim: (request, context) => slimTask(session, request, context),
    classify: (request, context) => classifyTask(session, request, context),
    embed: (request, context) => embedTask(session, request, context),
    patchTokens: (request, context) => patchTokensTask(session, request, context),
    inspect: (request, context) => inspectTask(session, request, context),
    measure: (request, context) => measureTask(session, request, context),
    memory: () => memoryTask(session),
  };
}
