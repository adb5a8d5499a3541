/** The page's side of a worker: one method per task. */

import { isPatchslimError, PatchslimError, throwIfAborted, type LongCallOptions } from '@patchslim/tensor';
import { filePaths, receivedError, type FromWorker, type ToWorker } from './protocol.js';
import { taskNames, type TaskName, type Tasks } from './tasks.js';

/** The used part of a browser's `Worker`. */
export interface WorkerLike {
  postMessage(message: unknown, transfer: object[]): void;
  addEventListener(type: string, listener: (event: unknown) => void): void;
  removeEventListener(type: string, listener: (event: unknown) => void): void;
  terminate(): void;
}

/** Options of `createSlimWorker`. */
export interface SlimWorkerOptions {
  /**
   * Your own worker that runs `@patchslim/browser/worker`, or `serveTasks` of `@patchslim/browser/serve`. You own it:
   * `close` does not end it.
   */
  readonly worker?: WorkerLike | undefined;
}

/** Options of a call. */
export interface CallOptions extends LongCallOptions {
  /** Buffers of the request to transfer instead of copying: the page cannot use them afterwards. */
  readonly transfer?: readonly object[] | undefined;
}

/** One method per task, and `close`. */
export type SlimWorker = {
  readonly [Name in TaskName]: (
    request: Parameters<Tasks[Name]>[0],
    options?: CallOptions,
  ) => Promise<ReturnType<Tasks[Name]>>;
} & {
  /** Ends the worker. Current and later calls are rejected with `DISPOSED`. */
  close(): void;
};

interface Pending {
  readonly resolve: (value: never) => void;
  readonly reject: (error: Error) => void;
  readonly onProgress: LongCallOptions['onProgress'];
}

// The browser's; the package is compiled without its types. Bundlers look for exactly this expression.
declare const Worker: new (url: URL, options: { readonly type: 'module' }) => WorkerLike;

const startWorker = (): WorkerLike => new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });

/**
 * Starts a worker that runs `Tasks` one after the other. Every method takes `onProgress`, and a `signal` that stops
 * the task in the worker.
 *
 * @throws `BACKEND_UNAVAILABLE` when no worker can start. Its methods reject with the error of the task; with
 *   `BACKEND_UNAVAILABLE` when the worker did not start or crashed, `ABORTED` once the task has stopped at `signal`,
 *   `DISPOSED` after `close`
 * @example
 * const slimmer = createSlimWorker();
 * const { backend } = await slimmer.open({ model: 'deit-tiny' }, { onProgress: ({ done, total }) => show(done / total) });
 * const plan = await slimmer.plan({ schedule: 'budget:0.5' });
 * slimmer.close();
 */
export function createSlimWorker(options: SlimWorkerOptions = {}): SlimWorker {
  const worker = options.worker ?? orUnavailable(startWorker);
  const pending = new Map<string, Pending>();
  const client = Math.random(); // other code can use the same worker
  let calls = 0;
  let ended: Error | undefined;
  const post = (message: ToWorker, handedOver: readonly object[] = []) =>
    worker.postMessage(message, [...handedOver]);

  const end = (error: Error): void => {
    ended ??= error;
    for (const type of ['message', 'messageerror', 'error'] as const) {
      worker.removeEventListener(type, listeners[type]);
    }
    for (const [id, { reject }] of pending) {
      if (options.worker) post({ patchslim: 'abort', id });
      reject(ended);
    }
    pending.clear();
    if (!options.worker) worker.terminate();
  };

  const listeners = {
    message(this: void, event: unknown) {
      const message = (event as { readonly data: FromWorker | undefined }).data;
      const call = message?.patchslim ? pending.get(message.id) : undefined;
      if (!message || !call) return; // a message of other code
      if (message.patchslim === 'progress') return call.onProgress?.(message.event);
      pending.delete(message.id);
      if (message.patchslim === 'result') call.resolve(message.value as never);
      else call.reject(receivedError(message.error));
    },
    messageerror: () => end(crashed('it posted what cannot be read here')),
    error(this: void, event: unknown) {
      const { message } = event as { readonly message?: string };
      end(crashed(message || 'its script could not be loaded'));
    },
  };
  for (const [type, listener] of Object.entries(listeners)) worker.addEventListener(type, listener);

  const call = async (task: TaskName, request: unknown, options: CallOptions = {}): Promise<unknown> => {
    const { signal, onProgress, transfer } = options;
    if (ended) throw ended;
    throwIfAborted(signal, task);
    const id = `${client}-${calls++}`;
    const abort = () => post({ patchslim: 'abort', id });
    try {
      return await new Promise((resolve, reject) => {
        pending.set(id, { resolve, reject, onProgress });
        post({ patchslim: 'call', id, task, request, paths: filePaths(request) }, transfer);
        signal?.addEventListener('abort', abort);
      });
    } finally {
      pending.delete(id);
      signal?.removeEventListener('abort', abort);
    }
  };

  const methods = taskNames.map((task) => {
    return [task, (request: unknown, options?: CallOptions) => call(task, request, options)] as const;
  });
  const close = () => end(new PatchslimError('DISPOSED', 'the worker was closed'));
  return { ...(Object.fromEntries(methods) as unknown as SlimWorker), close };
}

function orUnavailable(start: () => WorkerLike): WorkerLike {
  try {
    return start();
  } catch (error) {
    if (isPatchslimError(error)) throw error;
    throw crashed(error instanceof Error ? error.message : String(error), error);
  }
}

function crashed(reason: string, cause?: unknown): PatchslimError {
  const hint = 'worker.js must be served from the origin of the page, as a module; with Vite use the plugin';
  const message = `createSlimWorker(): the worker did not start or crashed: ${reason}; ${hint}`;
  return new PatchslimError('BACKEND_UNAVAILABLE', message, { reason }, cause);
}
