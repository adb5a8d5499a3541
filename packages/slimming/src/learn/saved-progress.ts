/** Training progress as one saved part of a job, so that a later process can continue it. */

import type { HostTensor } from '@patchslim/tensor';
import type { FitProgress, TrainerState } from '@patchslim/training';
import type { Saved } from '../job/saved.js';

/** The value of the entry. Its tensors are the states, one after the other. */
interface Described {
  readonly progress: Pick<FitProgress, 'epochs' | 'initial'>;
  readonly state: DescribedState;
  readonly best?: DescribedState & { readonly validation: number };
}

interface DescribedState {
  readonly steps: number;
  readonly params: number;
  readonly slots: number;
}

/** Saves progress and replaces earlier progress of the same name. @throws as `Saved.write` */
export async function writeProgress(saved: Saved, name: string, progress: FitProgress): Promise<void> {
  const { epochs, initial, state, best } = progress;
  const described: Described = {
    progress: { epochs, ...(initial === undefined ? {} : { initial }) },
    state: describeState(state),
    ...(best ? { best: { ...describeState(best.state), validation: best.validation } } : {}),
  };
  const tensors = [state, ...(best ? [best.state] : [])].flatMap(({ params, slots }) => [
    ...params,
    ...slots,
  ]);
  await saved.write(name, described, tensors);
}

/** The saved progress, or undefined. @throws as `Saved.read` */
export async function readProgress(saved: Saved, name: string): Promise<FitProgress | undefined> {
  const entry = await saved.read(name);
  if (!entry) return undefined;
  const { progress, state, best } = entry.value as Described;
  const left = [...entry.tensors];
  const stateOf = ({ steps, params, slots }: DescribedState): TrainerState => {
    const take = (count: number): HostTensor<'float32'>[] => left.splice(0, count);
    return { steps, params: take(params), slots: take(slots) };
  };
  return {
    ...progress,
    state: stateOf(state),
    ...(best ? { best: { validation: best.validation, state: stateOf(best) } } : {}),
  };
}

const describeState = ({ steps, params, slots }: TrainerState): DescribedState => ({
  steps,
  params: params.length,
  slots: slots.length,
});
