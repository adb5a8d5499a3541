/** The model that the page works with, in a worker of its own. */

import type { OpenedModel, SlimWorker } from '@patchslim/browser';
import { onScopeDispose, shallowRef, type Ref } from 'vue';
import type { ModelSource } from './models.js';
import { useTask, type Task } from './use-task.js';

/** Backends for the page, tried in order. */
export const places = {
  'WebGPU, else WebAssembly': ['tfjs-webgpu', 'wasm'],
  WebAssembly: ['wasm'],
} as const;
export type Place = keyof typeof places;

/** A model as the user has chosen it. */
export type ChosenModel = (signal: AbortSignal) => ModelSource | Promise<ModelSource>;

export interface OpenModel {
  readonly worker: SlimWorker;
  readonly opened: OpenedModel;
  /** Opens the model again on another backend. */
  readonly source: ModelSource;
}

export function useModel(): {
  readonly model: Readonly<Ref<OpenModel | undefined>>;
  readonly task: Task;
  open(chosen: ChosenModel, place: Place): Promise<void>;
} {
  const model = shallowRef<OpenModel>();
  const task = useTask();
  const close = () => {
    model.value?.worker.close();
    model.value = undefined;
  };
  onScopeDispose(close);
  return {
    model,
    task,
    async open(chosen, place) {
      close();
      model.value = await task.run(async (options) => {
        const { createSlimWorker } = await import('./workbench.js');
        const source = await chosen(options.signal);
        const worker = createSlimWorker();
        try {
          return {
            worker,
            source,
            opened: await worker.open({ model: source, backends: places[place] }, options),
          };
        } catch (error) {
          worker.close();
          throw error;
        }
      });
    },
  };
}
