/** The loss on images that are held back, without changes to images or parameters. */

import type { ImageSet } from '@patchslim/datasets';
import {
  disposeAll,
  mapValues,
  throwIfAborted,
  type Backend,
  type LongCallOptions,
  type Program,
  type Specs,
  type Tensor,
  type Tensors,
} from '@patchslim/tensor';
import { plainBatches, type TrainingBatch } from './batches.js';

export interface Validation {
  /** Mean over the whole batches of the set, with these values of the parameters. */
  run(values: readonly Tensor[]): Promise<number>;
  dispose(): Promise<void>;
}

export interface ValidationOptions extends LongCallOptions {
  readonly images: ImageSet;
  readonly batchSize: number;
  readonly labelled: boolean;
  readonly specs: Specs;
  readonly loss: (values: readonly Tensor[], inputs: Tensors) => Tensor;
}

export async function compileValidation(
  backend: Backend,
  chosen: readonly Tensor[],
  { images, batchSize, labelled, specs, loss, signal }: ValidationOptions,
): Promise<Validation> {
  const name = (index: number): string => `param${index}`;
  const program: Program<string, 'loss'> = await backend.compile(
    (inputs: Tensors) => ({
      loss: loss(
        chosen.map((_, i) => inputs[name(i)]!),
        inputs,
      ),
    }),
    { ...specs, ...Object.fromEntries(chosen.map(({ shape, dtype }, i) => [name(i), { shape, dtype }])) },
  );
  return {
    async run(values) {
      const params = Object.fromEntries(values.map((tensor, i) => [name(i), tensor]));
      let total = 0;
      let batches = 0;
      for await (const batch of plainBatches(images, { batchSize, labelled, signal })) {
        throwIfAborted(signal, 'validation');
        total += await lossOf(backend, program, batch, params);
        batches++;
      }
      return total / batches;
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
  const inputs = mapValues(batch, (host) => backend.constant(host));
  try {
    const { loss } = await program.run({ ...inputs, ...params });
    const [value] = await loss.data();
    loss.dispose();
    return value!;
  } finally {
    disposeAll(inputs);
  }
}
