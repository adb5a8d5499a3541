/** One long task at a time: its state, progress, error, and a way to stop it. */

import type { LongCallOptions, ProgressEvent } from '@patchslim/tensor';
import { onScopeDispose, readonly, ref, shallowRef, type Ref } from 'vue';

export interface Task {
  readonly running: Readonly<Ref<boolean>>;
  readonly progress: Readonly<Ref<ProgressEvent | undefined>>;
  readonly error: Readonly<Ref<string | undefined>>;
  /**
   * Stops the running task, then runs `body`. Returns undefined when it is stopped or fails; `error` then has the
   * reason.
   */
  run<T>(
    body: (options: LongCallOptions & { readonly signal: AbortSignal }) => Promise<T>,
  ): Promise<T | undefined>;
  stop(): void;
}

export function useTask(): Task {
  const running = ref(false);
  const progress = shallowRef<ProgressEvent>();
  const error = ref<string>();
  let controller = new AbortController();
  const stop = () => controller.abort();
  onScopeDispose(stop);
  return {
    running: readonly(running),
    progress,
    error: readonly(error),
    stop,
    async run(body) {
      stop();
      const { signal } = (controller = new AbortController());
      const current = () => controller.signal === signal;
      running.value = true;
      error.value = undefined;
      progress.value = undefined;
      try {
        return await body({ signal, onProgress: (event) => current() && (progress.value = event) });
      } catch (failure) {
        if (current() && !signal.aborted) error.value = messageOf(failure);
        return undefined;
      } finally {
        if (current()) running.value = false;
      }
    },
  };
}

export const messageOf = (failure: unknown): string =>
  failure instanceof Error ? failure.message : String(failure);
