/** Training progress as one safetensors file, so that a run can go on after the process has ended. Node only. */

import { PatchslimError, type HostTensor } from '@patchslim/tensor';
import type { FitProgress, TrainerState } from '@patchslim/training';
import { readSafetensors, readSafetensorsHeader, writeSafetensors } from '@patchslim/vit-models';
import { openIfThere, requireSameRun } from '../saved-run.js';

/** What the header tells beside the tensors. */
interface Described {
  readonly key: string;
  readonly progress: Pick<FitProgress, 'epochs' | 'initial'>;
  readonly states: Readonly<
    Record<string, { readonly steps: number; readonly params: number; readonly slots: number }>
  >;
  readonly bestValidation?: number;
}

/**
 * Writes progress, whole or not at all.
 * @param key what the run depends on (recipe, seed, weights, and `contentKeyOf` the images), as text: `readProgress` refuses
 *   the progress of another run
 */
export async function writeProgress(path: string, key: string, progress: FitProgress): Promise<void> {
  const { epochs, initial, state, best } = progress;
  const states = { state, ...(best ? { best: best.state } : {}) };
  const tensors = new Map<string, HostTensor<'float32'>>();
  for (const [name, { params, slots }] of Object.entries(states)) {
    params.forEach((tensor, i) => tensors.set(`${name}.param${i}`, tensor));
    slots.forEach((tensor, i) => tensors.set(`${name}.slot${i}`, tensor));
  }
  const described: Described = {
    key,
    progress: { epochs, ...(initial === undefined ? {} : { initial }) },
    states: Object.fromEntries(
      Object.entries(states).map(([name, { steps, params, slots }]) => [
        name,
        { steps, params: params.length, slots: slots.length },
      ]),
    ),
    ...(best ? { bestValidation: best.validation } : {}),
  };
  await writeSafetensors(path, tensors, { metadata: { progress: JSON.stringify(described) } });
}

/**
 * The progress in a file, or undefined when there is none.
 * @throws INVALID_ARGUMENT when it is that of another run; CHECKPOINT_INVALID, IO_FAILED
 */
export async function readProgress(path: string, key: string): Promise<FitProgress | undefined> {
  const source = await openIfThere(path);
  if (!source) return undefined;
  try {
    const { metadata } = await readSafetensorsHeader(source);
    const described = parseDescribed(path, metadata['progress']);
    requireSameRun(path, key, described.key);
    const tensors = await readSafetensors(source);
    const stateOf = (name: string): TrainerState => {
      const { steps, params, slots } = described.states[name]!;
      const list = (kind: string, count: number) =>
        Array.from({ length: count }, (_, i) => tensors.get(`${name}.${kind}${i}`)!);
      return { steps, params: list('param', params), slots: list('slot', slots) };
    };
    const { bestValidation: validation } = described;
    return {
      ...described.progress,
      state: stateOf('state'),
      ...(validation === undefined ? {} : { best: { validation, state: stateOf('best') } }),
    };
  } finally {
    await source.close();
  }
}

function parseDescribed(path: string, text: string | undefined): Described {
  try {
    return JSON.parse(text ?? '') as Described;
  } catch (cause) {
    throw new PatchslimError('CHECKPOINT_INVALID', `'${path}' is no training progress`, { path }, cause);
  }
}
