/**
 * Programs have fixed shapes, but image sets have any length. A batched program is compiled once for `batchSize`
 * rows. The last batch is padded with zero rows, which are cut off the results.
 */

import {
  float32,
  mapValues,
  PatchslimError,
  runOnHost,
  sizeOf,
  type Backend,
  type HostTensor,
  type Program,
  type Shape,
  type Tensor,
  type Tensors,
} from '@patchslim/tensor';
import type { VitModel } from '@patchslim/vit-models';

/** A row is one image's part of an input or output; `[B, …]` has `B` rows. */
export interface BatchedProgram<I extends string, O extends string> {
  readonly batchSize: number;
  /** Runs up to `batchSize` rows. @throws INVALID_ARGUMENT for more rows; errors of the program */
  run(inputs: Readonly<Record<I, HostTensor<'float32'>>>): Promise<Record<O, HostTensor>>;
  dispose(): Promise<void>;
}

/**
 * Compiles a function over rows for a fixed number of rows; the result takes any number up to that.
 *
 * @param rowShapes shape of one row of each input
 */
export async function compileBatched<I extends string, O extends string>(
  backend: Backend,
  batchSize: number,
  rowShapes: Readonly<Record<I, Shape>>,
  fn: (inputs: Tensors<I>) => Tensors<O>,
): Promise<BatchedProgram<I, O>> {
  const specs = mapValues(rowShapes, (shape: Shape) => ({
    shape: [batchSize, ...shape],
    dtype: 'float32' as const,
  }));
  const program: Program<I, O> = await backend.compile(fn, specs);
  return {
    batchSize,
    async run(inputs) {
      const rows = Object.values<HostTensor>(inputs)[0]!.shape[0]!;
      if (rows > batchSize) {
        throw new PatchslimError(
          'INVALID_ARGUMENT',
          `run(): compiled for ${batchSize} rows at a time, got ${rows}`,
        );
      }
      const padded = mapValues(inputs, (tensor: HostTensor<'float32'>) => padRows(tensor, batchSize));
      const outputs = await runOnHost<I, O>(backend, program, padded);
      return mapValues(outputs, (tensor: HostTensor) => cutRows(tensor, rows));
    },
    dispose: () => program.dispose(),
  };
}

/** A batched program over images `[B, 3, S, S]` of a model's size. */
export function compileOnImages<O extends string>(
  { config, backend }: VitModel,
  batchSize: number,
  fn: (images: Tensor) => Tensors<O>,
): Promise<BatchedProgram<'images', O>> {
  const image = [3, config.imageSize, config.imageSize];
  return compileBatched(backend, batchSize, { images: image }, ({ images }) => fn(images));
}

function padRows(tensor: HostTensor<'float32'>, batchSize: number): HostTensor<'float32'> {
  const [rows, ...row] = tensor.shape as [number, ...number[]];
  if (rows === batchSize) return tensor;
  const data = new Float32Array(batchSize * sizeOf(row));
  data.set(tensor.data);
  return float32([batchSize, ...row], data);
}

function cutRows(tensor: HostTensor, rows: number): HostTensor {
  const [batch, ...row] = tensor.shape as [number, ...number[]];
  if (rows === batch) return tensor;
  return {
    ...tensor,
    shape: [rows, ...row],
    data: tensor.data.subarray(0, rows * sizeOf(row)),
  };
}
