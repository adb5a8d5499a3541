/** The interface for tests in a page, as `globalThis.test`. */

import { isPatchslimError } from '@patchslim/tensor';
import { createSlimWorker, type SlimWorker, type WorkerLike } from '../../src/index.js';

/** The error of a call that should fail. */
export interface Failure {
  readonly code: string | undefined;
  readonly message: string;
  readonly details: unknown;
}

export interface TestPage {
  readonly createSlimWorker: typeof createSlimWorker;
  /** One worker for the tests of a page. */
  readonly slimmer: SlimWorker;
  /** Images of the server as if the user had chosen the folder `images`. */
  readonly imageFiles: (paths: readonly string[]) => Promise<File[]>;
  /** Files of the folder that the user did choose. */
  readonly chosenFiles: () => File[];
  /** A worker with GPU devices of its own, which can be destroyed from outside. */
  readonly losingWorker: () => WorkerLike;
  /** Sends such a worker one of its messages and waits for the answer. */
  readonly tellDevices: (
    worker: WorkerLike,
    what: 'lose' | 'count',
  ) => Promise<{ devices: number; lost: number }>;
  readonly failure: (promise: Promise<unknown>) => Promise<Failure>;
}

const page = globalThis as unknown as {
  test: TestPage;
  document: { querySelector(selector: string): { readonly files: Iterable<File> } };
  Worker: new (url: URL, options: { readonly type: 'module' }) => WorkerLike;
};
declare const Worker: typeof page.Worker;

const slimmer = createSlimWorker();

page.test = {
  createSlimWorker,
  // One thread, because other tests keep the cores busy: threads that wait for each other would take four times as long.
  slimmer: { ...slimmer, open: (request, options) => slimmer.open({ threads: 1, ...request }, options) },
  imageFiles: (paths) =>
    Promise.all(
      paths.map(async (path) => {
        const blob = await (await fetch(`/images/${path}`)).blob();
        const file = new File([blob], path.split('/').at(-1)!);
        return Object.defineProperty(file, 'webkitRelativePath', { value: `images/${path}` });
      }),
    ),
  chosenFiles: () => [...page.document.querySelector('#folder').files],
  losingWorker: () => new Worker(new URL('./losing-worker.ts', import.meta.url), { type: 'module' }),
  tellDevices: (worker, what) =>
    new Promise((resolve) => {
      const hear = (event: unknown): void => {
        const { told } = (event as { data: { told?: { devices: number; lost: number } } }).data;
        if (!told) return;
        worker.removeEventListener('message', hear);
        resolve(told);
      };
      worker.addEventListener('message', hear);
      worker.postMessage({ tell: what }, []);
    }),
  failure: (promise) =>
    promise.then(
      () => Promise.reject(new Error('it succeeded')),
      (error: unknown) => ({
        code: isPatchslimError(error) ? error.code : undefined,
        message: (error as Error).message,
        details: isPatchslimError(error) ? error.details : undefined,
      }),
    ),
};
