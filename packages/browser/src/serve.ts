/** The worker's side: receives calls, runs one task after the other, posts progress and results. */

import { PatchslimError, type LongCallOptions } from '@patchslim/tensor';
import { postedError, restorePaths, type FromWorker, type ToWorker } from './protocol.js';
import { createTasks, type TaskTable } from './create-tasks.js';

export { createTasks, type TaskTable } from './create-tasks.js';
export { type SessionOptions } from './session.js';

/** The used part of a worker's global scope. */
export interface ServingScope {
  postMessage(message: unknown, transfer: ArrayBuffer[]): void;
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void;
}

type Call = Extract<ToWorker, { readonly patchslim: 'call' }>;

/**
 * Answers the calls of `createSlimWorker` in this worker from now on. `@patchslim/browser/worker` contains only this
 * call.
 * @param tasks tasks with your own options, such as the GPU device
 * @example serveTasks(createTasks({ requestDevice: () => myDevice }));
 */
export function serveTasks(
  tasks: TaskTable = createTasks(),
  scope: ServingScope = globalThis as unknown as ServingScope,
): void {
  const waiting: Call[] = [];
  let running: { readonly id: string; readonly controller: AbortController } | undefined;

  const post = (message: FromWorker): void => {
    scope.postMessage(message, message.patchslim === 'result' ? buffersIn(message.value) : []);
  };

  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const { id } = next;
      const controller = new AbortController();
      running = { id, controller };
      const { signal } = controller;
      const onProgress: LongCallOptions['onProgress'] = (event) => {
        post({ patchslim: 'progress', id, event });
      };
      try {
        restorePaths(next.request, next.paths);
        const task = tasks[next.task] as (request: unknown, options: LongCallOptions) => Promise<unknown>;
        post({ patchslim: 'result', id, value: await task(next.request, { signal, onProgress }) });
      } catch (error) {
        post({ patchslim: 'failure', id, error: postedError(error) });
      }
    }
    running = undefined;
  };

  const abort = (id: string): void => {
    if (running?.id === id) running.controller.abort();
    const place = waiting.findIndex((call) => call.id === id);
    if (place < 0) return;
    const [{ task }] = waiting.splice(place, 1) as [Call];
    const error = postedError(new PatchslimError('ABORTED', `${task}: aborted before its turn`));
    post({ patchslim: 'failure', id, error });
  };

  scope.addEventListener('message', ({ data }) => {
    const message = data as ToWorker | undefined;
    if (message?.patchslim === 'abort') abort(message.id);
    if (message?.patchslim !== 'call') return;
    waiting.push(message);
    if (!running) void work();
  });
}

/** Only the page uses results, so their buffers are transferred without a copy. */
function buffersIn(value: unknown): ArrayBuffer[] {
  const found = new Set<ArrayBuffer>();
  const visit = (part: unknown): void => {
    if (ArrayBuffer.isView(part)) {
      if (part.buffer instanceof ArrayBuffer) found.add(part.buffer);
    } else if (typeof part === 'object' && part !== null) Object.values(part).forEach(visit);
  };
  visit(value);
  return [...found];
}
