/** The current plan: by the slider's budget, or found on the user's images. */

import type { SlimWorker } from '@patchslim/browser';
import type { SlimPlan } from '@patchslim/slimming-schedules';
import { ref, shallowRef, watch, type Ref } from 'vue';
import { useTask, type Task } from './use-task.js';

export function useBudget(worker: Readonly<Ref<SlimWorker | undefined>>): {
  readonly plan: Readonly<Ref<SlimPlan | undefined>>;
  /** Percent of the multiply-accumulates. */
  readonly percent: Ref<number>;
  readonly method: Ref<string>;
  readonly task: Task;
  /** Uses a found plan until the slider moves. */
  take(plan: SlimPlan): void;
} {
  const plan = shallowRef<SlimPlan>();
  const percent = ref(50);
  const method = ref('ward');
  const task = useTask();
  watch(
    [worker, percent, method],
    async ([worker, percent, method], [before]) => {
      if (worker !== before) plan.value = undefined;
      if (!worker) return;
      const found = await task.run((options) =>
        worker.plan({ method, schedule: `budget:${percent / 100}` }, options),
      );
      if (found) plan.value = found;
    },
    { immediate: true },
  );
  return {
    plan,
    percent,
    method,
    task,
    take(found) {
      task.stop();
      plan.value = found;
    },
  };
}
