/** Reference computations for the pipeline: image by image, with all values in memory. */

import { float32, scope, type HostTensor, type Tensor } from '@patchslim/tensor';
import type { VitModel } from '@patchslim/vit-models';
import type { ImageSet } from '@patchslim/datasets';

/** The inputs of a set, each `[1, 3, S, S]`. */
export async function singleImages(images: ImageSet): Promise<HostTensor<'float32'>[]> {
  const singles: HostTensor<'float32'>[] = [];
  for await (const batch of images.batches(1)) singles.push(batch.images);
  return singles;
}

/** One value per image, from a function on an eager backend. */
export async function imageByImage(
  model: VitModel,
  images: ImageSet,
  fn: (pixels: Tensor) => Tensor,
): Promise<number[][]> {
  const rows: number[][] = [];
  for (const host of await singleImages(images)) {
    const result = scope(model.backend, () => fn(model.backend.constant(host)));
    rows.push(Array.from(await result.data()));
    result.dispose();
  }
  return rows;
}

/** Mean over rows of equal length. */
export function meanOf(rows: readonly (readonly number[])[]): number[] {
  return rows[0]!.map((_, i) => rows.reduce((sum, row) => sum + row[i]!, 0) / rows.length);
}

export async function concatenated(
  batches: AsyncIterable<HostTensor<'float32'>>,
): Promise<HostTensor<'float32'>> {
  const parts: HostTensor<'float32'>[] = [];
  for await (const batch of batches) parts.push(batch);
  const rows = parts.reduce((sum, { shape }) => sum + shape[0]!, 0);
  return float32(
    [rows, ...parts[0]!.shape.slice(1)],
    parts.flatMap(({ data }) => [...data]),
  );
}
