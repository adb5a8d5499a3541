/** The open backend and model of a worker. Weights stay in host memory, so the model survives a lost GPU. */

import { pickBackend, type BackendOptions, type PickedBackend } from '@patchslim/backends';
import {
  createGridReader,
  createImageReader,
  createInspector,
  type GridReader,
  type ImageReader,
  type Inspector,
} from '@patchslim/slimming/internal';
import { isPatchslimError, PatchslimError } from '@patchslim/tensor';
import { placeModel, type BlockPlan, type Checkpoint, type VitModel } from '@patchslim/vit-models';

/** Options of `createTasks`. */
export interface SessionOptions {
  /** Returns the GPU device each time that a backend opens. You own it; it stays open. */
  readonly requestDevice?: BackendOptions['requestDevice'];
}

/** State of a session for a task. */
export interface Opened extends PickedBackend {
  readonly model: VitModel;
  readonly checkpoint: Checkpoint;
  /** An inspector for a plan: compiled once, and cached until another plan is requested. */
  readonly inspector: (plan: readonly BlockPlan[]) => Promise<Inspector>;
  /** An image reader for a plan or the dense network, cached like the inspector. */
  readonly reader: (plan: readonly BlockPlan[] | undefined) => Promise<ImageReader>;
  /** A reader of patch tokens, cached like the inspector. */
  readonly gridReader: (plan: readonly BlockPlan[] | undefined) => Promise<GridReader>;
}

/** The request of `open`, repeated after a lost device. */
export interface SessionRequest {
  readonly backends: readonly string[];
  readonly checkpoint: Checkpoint;
  readonly options: BackendOptions;
}

/** One backend and one model at a time. */
export interface Session {
  /** Threads of the last backend that told its number. WebAssembly keeps it for the life of a worker. */
  readonly threads: number | undefined;
  /** Closes the previous session, opens the first backend that works, and places the model. @throws as `pickBackend` */
  open(request: SessionRequest): Promise<Opened>;
  /**
   * Runs `body` in the open session. After a lost device the next call opens a backend and places the model again.
   * @throws `INVALID_ARGUMENT` when nothing is open; errors of `body`
   */
  use<T>(task: string, body: (opened: Opened) => Promise<T>): Promise<T>;
}

export function createSession({ requestDevice }: SessionOptions): Session {
  let request: SessionRequest | undefined;
  let opened: Opened | undefined;
  let threads: number | undefined;

  const close = async (): Promise<void> => {
    const closing = opened;
    opened = undefined;
    await closing?.backend.close();
  };

  const place = async ({ backends, checkpoint, options }: SessionRequest): Promise<Opened> => {
    const picked = await pickBackend(backends, { ...options, requestDevice });
    threads = picked.backend.threads ?? threads;
    try {
      const model = placeModel(picked.backend, checkpoint);
      const inspector = keepLast((plan: readonly BlockPlan[]) => createInspector(model, plan));
      const reader = keepLast((plan: readonly BlockPlan[] | undefined) => createImageReader(model, plan));
      const gridReader = keepLast((plan: readonly BlockPlan[] | undefined) => createGridReader(model, plan));
      return (opened = { ...picked, checkpoint, model, inspector, reader, gridReader });
    } catch (error) {
      await picked.backend.close();
      throw error;
    }
  };

  return {
    get threads() {
      return threads;
    },
    async open(next) {
      await close();
      request = next;
      return place(next);
    },
    async use(task, body) {
      if (!request) {
        throw new PatchslimError('INVALID_ARGUMENT', `${task}: no model is open; call open() first`);
      }
      try {
        return await body(opened ?? (await place(request)));
      } catch (error) {
        if (isPatchslimError(error, 'DEVICE_LOST')) await close();
        throw error;
      }
    },
  };
}

/** Caches the programs of the last plan only: in WebAssembly each holds another copy of the weights. */
function keepLast<P, T extends { dispose(): Promise<void> }>(
  create: (plan: P) => T | Promise<T>,
): (plan: P) => Promise<T> {
  let kept: { readonly key: string; readonly made: T } | undefined;
  return async (plan) => {
    const key = JSON.stringify(plan ?? 'dense');
    if (kept?.key === key) return kept.made;
    await kept?.made.dispose();
    kept = undefined;
    const made = await create(plan);
    kept = { key, made };
    return made;
  };
}
