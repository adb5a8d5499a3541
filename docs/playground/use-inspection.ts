/** The inspection of the current image under the current plan: repeated when either changes. */

import type { ImagePixels, Inspection, SlimWorker } from '@patchslim/browser';
import type { SlimPlan } from '@patchslim/slimming-schedules';
import { ref, shallowRef, watch, type Ref } from 'vue';
import { messageOf } from './use-task.js';

export type Picture = Blob | ImagePixels;

interface Wanted {
  readonly worker: SlimWorker;
  readonly plan: SlimPlan;
  readonly image: Picture;
}

export function useInspection(
  worker: Readonly<Ref<SlimWorker | undefined>>,
  plan: Readonly<Ref<SlimPlan | undefined>>,
  image: Readonly<Ref<Picture | undefined>>,
): {
  readonly inspection: Readonly<Ref<Inspection | undefined>>;
  readonly running: Readonly<Ref<boolean>>;
  readonly error: Readonly<Ref<string | undefined>>;
} {
  const inspection = shallowRef<Inspection>();
  const running = ref(false);
  const error = ref<string>();
  let wanted: Wanted | undefined;

  /** One inspection at a time; of later requests only the latest runs. */
  const work = async () => {
    if (running.value) return;
    running.value = true;
    while (wanted) {
      const { worker: at, plan, image } = wanted;
      wanted = undefined;
      try {
        const result = await at.inspect({ image, plan });
        if (at !== worker.value) continue;
        inspection.value = result;
        error.value = undefined;
      } catch (failure) {
        if (at === worker.value) error.value = messageOf(failure);
      }
    }
    running.value = false;
  };

  watch(
    [worker, plan, image],
    ([worker, plan, image]) => {
      if (!worker) inspection.value = undefined;
      wanted = worker && plan && image ? { worker, plan, image } : undefined;
      void work();
    },
    { immediate: true },
  );
  return { inspection, running, error };
}
