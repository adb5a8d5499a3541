/** What is open in a worker: a backend with a model on it. Weights stay in ordinary memory, so a lost GPU loses no model. */

import { pickBackend, type BackendOptions, type PickedBackend } from '@patchslim/backends';
import {
  createImageReader,
  createInspector,
  type ImageReader,
  type Inspector,
} from '@patchslim/slimming/internal';
import { isPatchslimError, PatchslimError } from '@patchslim/tensor';
import { placeModel, type BlockPlan, type Checkpoint, type VitModel } from '@patchslim/vit-models';

/** Options of `createTasks`. */
export interface SessionOptions {
  /** Gives the GPU device to compute on, each time that a backend opens. It stays yours, and open. */
  readonly requestDevice?: BackendOptions['requestDevice'];
}

/** What a task works with. */
export interface Opened extends PickedBackend {
  readonly model: VitModel;
  readonly checkpoint: Checkpoint;
  /** An inspector for a plan: compiled once, and kept until another plan is asked for. */
  readonly inspector: (plan: readonly BlockPlan[]) => Promise<Inspector>;
  /** What reads images under a plan, or with the dense network: kept as the inspector is. */
  readonly reader: (plan: readonly BlockPlan[] | undefined) => Promise<ImageReader>;
}

/** What `open` asks for, and what is opened again after a loss. */
export interface SessionRequest {
  readonly backends: readonly string[];
  readonly checkpoint: Checkpoint;
  readonly options: BackendOptions;
}

/** One backend and one model at a time. */
export interface Session {
  /** Closes what was open, opens the first backend that works and places the model. @throws as `pickBackend` */
  open(request: SessionRequest): Promise<Opened>;
  /**
   * Runs `body` on what is open. After a lost device the next call opens and places anew.
   * @throws `INVALID_ARGUMENT` when nothing was opened; what `body` throws
   */
  use<T>(task: string, body: (opened: Opened) => Promise<T>): Promise<T>;
}

export function createSession({ requestDevice }: SessionOptions): Session {
  let request: SessionRequest | undefined;
  let opened: Opened | undefined;

  const close = async (): Promise<void> => {
    const closing = opened;
    opened = undefined;
    await closing?.backend.close();
  };

  const place = async ({ backends, checkpoint, options }: SessionRequest): Promise<Opened> => {
    const picked = await pickBackend(backends, { ...options, requestDevice });
    try {
      const model = placeModel(picked.backend, checkpoint);
      const inspector = keepLast((plan: readonly BlockPlan[]) => createInspector(model, plan));
      const reader = keepLast((plan: readonly BlockPlan[] | undefined) => createImageReader(model, plan));
      return (opened = { ...picked, checkpoint, model, inspector, reader });
    } catch (error) {
      await picked.backend.close();
      throw error;
    }
  };

  return {
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

/** Keeps what was made for the last plan only: it holds compiled programs, and in WebAssembly the weights once more. */
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
