/** Loss on held-out data for changing parameters. Every image counts, also in a smaller last batch. */

import {
  disposeAll,
  disposePrograms,
  mapTensors,
  mapValues,
  PatchslimError,
  placeAll,
  tensorsIn,
  throwIfAborted,
  type Backend,
  type HostTensor,
  type LongCallOptions,
  type Program,
  type Specs,
  type Tensor,
  type Tensors,
} from '@patchslim/tensor';
import type { TrainingBatch } from './batches.js';

export interface Validation<T> {
  /**
   * Mean loss over the images for these parameters.
   * @throws DATA_INVALID when there is no image; ABORTED
   */
  run(params: T): Promise<number>;
  dispose(): Promise<void>;
}

export interface ValidationOptions<T> extends LongCallOptions {
  /** Mean over the rows of `inputs`. */
  readonly loss: (params: T, inputs: Tensors) => Tensor;
  /** Batches of any size, all from one set. */
  readonly batches: () => AsyncIterable<TrainingBatch>;
  /** Explanation for the error when there is no image. */
  readonly missing?: (() => string) | undefined;
}

type LossProgram = Program<string, 'loss'>;

/**
 * Batches are not padded: one program is compiled per batch size, and a set has at most two.
 * @param tree parameters with the shapes that `run` receives
 */
export function createValidation<T>(
  backend: Backend,
  tree: T,
  { loss, batches, signal, missing }: ValidationOptions<T>,
): Validation<T> {
  const programs = new Map<number, LossProgram>();
  const name = (index: number): string => `param${index}`;

  const compile = (batch: TrainingBatch): Promise<LossProgram> => {
    const params = tensorsIn(tree).map((tensor, i) => [name(i), specOf(tensor)] as const);
    return backend.compile(
      (values: Tensors) => {
        let next = 0;
        return {
          loss: loss(
            mapTensors(tree, () => values[name(next++)]!),
            values,
          ),
        };
      },
      { ...mapValues(batch, specOf), ...Object.fromEntries(params) },
    );
  };

  return {
    async run(params) {
      const values = Object.fromEntries(tensorsIn(params).map((tensor, i) => [name(i), tensor]));
      let total = 0;
      let images = 0;
      for await (const batch of batches()) {
        throwIfAborted(signal, 'validation');
        const rows = Object.values(batch)[0]!.shape[0]!;
        const program = programs.get(rows) ?? (await compile(batch));
        programs.set(rows, program);
        total += rows * (await lossOf(backend, program, batch, values));
        images += rows;
      }
      if (images > 0) return total / images;
      const message = `validation: expected at least one held-back image, got none${missing?.() ?? ''}`;
      throw new PatchslimError('DATA_INVALID', message);
    },
    async dispose() {
      const own = [...programs.values()];
      programs.clear();
      await disposePrograms(own);
    },
  };
}

const specOf = ({ shape, dtype }: Tensor | HostTensor): Specs[string] => ({ shape, dtype });

async function lossOf(
  backend: Backend,
  program: LossProgram,
  batch: TrainingBatch,
  params: Tensors,
): Promise<number> {
  const inputs = placeAll(backend, batch);
  try {
    const { loss } = await program.run({ ...inputs, ...params });
    try {
      const [value] = await loss.data();
      return value!;
    } finally {
      loss.dispose();
    }
  } finally {
    disposeAll(inputs);
  }
}
