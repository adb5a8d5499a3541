/** A loss on data that is held back, for parameters that change. */

import {
  disposeAll,
  mapTensors,
  placeAll,
  tensorsIn,
  throwIfAborted,
  type Backend,
  type LongCallOptions,
  type Program,
  type Specs,
  type Tensor,
  type Tensors,
} from '@patchslim/tensor';
import type { TrainingBatch } from './batches.js';

export interface Validation<T> {
  /** Mean over the batches, with these values of the parameters. */
  run(params: T): Promise<number>;
  dispose(): Promise<void>;
}

export interface ValidationOptions<T> extends LongCallOptions {
  readonly inputs: Specs;
  readonly loss: (params: T, inputs: Tensors) => Tensor;
  readonly batches: () => AsyncIterable<TrainingBatch>;
}

/** @param tree parameters of the shapes that `run` will get */
export async function compileValidation<T>(
  backend: Backend,
  tree: T,
  { inputs, loss, batches, signal }: ValidationOptions<T>,
): Promise<Validation<T>> {
  const name = (index: number): string => `param${index}`;
  const specs = tensorsIn(tree).map(({ shape, dtype }, i) => [name(i), { shape, dtype }] as const);
  const program: Program<string, 'loss'> = await backend.compile(
    (values: Tensors) => {
      let next = 0;
      return {
        loss: loss(
          mapTensors(tree, () => values[name(next++)]!),
          values,
        ),
      };
    },
    { ...inputs, ...Object.fromEntries(specs) },
  );
  return {
    async run(params) {
      const values = Object.fromEntries(tensorsIn(params).map((tensor, i) => [name(i), tensor]));
      let total = 0;
      let count = 0;
      for await (const batch of batches()) {
        throwIfAborted(signal, 'validation');
        total += await lossOf(backend, program, batch, values);
        count++;
      }
      return total / count;
    },
    dispose: () => program.dispose(),
  };
}

async function lossOf(
  backend: Backend,
  program: Program<string, 'loss'>,
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
