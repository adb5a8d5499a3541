/** The sums of one least squares problem per block, from one pass over the images on the model's backend. */

import type { ImageSet } from '@patchslim/datasets';
import {
  concat,
  float32,
  matMul,
  mul,
  reshape,
  runOnHost,
  sub,
  sum,
  throwIfAborted,
  withPrograms,
  type HostTensor,
  type LongCallOptions,
  type Program,
  type Tensor,
} from '@patchslim/tensor';
import {
  prefixTokens,
  traceTokens,
  type BlockPlan,
  type VitConfig,
  type VitModel,
} from '@patchslim/vit-models';
import { requireFinite } from '../require-finite.js';
import { requireImages } from '../require-images.js';
import { projectionRows, type ProjectionRows } from './least-squares-rows.js';
import type { RidgeSums } from './ridge.js';

export interface SumOptions extends Pick<LongCallOptions, 'signal'> {
  readonly blocks: readonly number[];
  readonly batchSize: number;
  /** Called with the number of images done. */
  readonly onImages?: ((done: number) => void) | undefined;
}

const where = 'leastSquares()';

/**
 * Sums over all images, per block: of the projection's input with a column of ones, and of the error after it. Sums
 * are float32 within a batch and float64 over batches. Batches are not padded: there is one program for each batch
 * size.
 * @throws DATA_INVALID without images; NUMERICAL when the network gives values that are not finite; ABORTED
 */
export async function projectionSums(
  dense: VitModel,
  slimmed: VitModel,
  plan: readonly BlockPlan[],
  images: ImageSet,
  { blocks, batchSize, signal, onImages }: SumOptions,
): Promise<RidgeSums[]> {
  const { config, backend } = slimmed;
  const traced = traceTokens(config, plan);
  const weights = blocks.map((block) => rowWeights(config, traced[block]!.kept));
  const programs = new Map<number, Program<'images'>>();
  const compile = (spec: HostTensor) =>
    backend.compile(
      ({ images: pixels }) => {
        const rows = projectionRows(dense, slimmed, plan, pixels, blocks);
        const sums = rows.flatMap((block, i) => Object.entries(sumsOf(block, weights[i]!, i)));
        return Object.fromEntries(sums);
      },
      { images: { shape: spec.shape, dtype: spec.dtype } },
    );
  const totals: RidgeSums[] = [];
  let done = 0;
  await withPrograms(async (own) => {
    for await (const batch of images.batches(batchSize, { signal })) {
      throwIfAborted(signal, where);
      const program = programs.get(batch.ids.length) ?? own(await compile(batch.images));
      programs.set(batch.ids.length, program);
      const sums = await runOnHost(backend, program, { images: batch.images });
      for (const i of blocks.keys()) {
        totals[i] = added(totals[i], sums[`gram${i}`]!, sums[`cross${i}`]!, sums[`square${i}`]!);
      }
      done += batch.ids.length;
      onImages?.(done);
    }
  });
  requireImages(done, `${where} on '${images.name}'`, images);
  for (const [i, { square }] of totals.entries()) requireFinite([square], `${where}: block ${blocks[i]!}`);
  return totals;
}

/** The prefix tokens weigh as much as all others together, because the classifier reads only them. */
function rowWeights(config: VitConfig, kept: readonly number[]): number[] {
  const prefix = prefixTokens(config);
  const patches = kept.length - prefix;
  return kept.map((position) => (position < prefix && patches > 0 ? patches / prefix : 1));
}

function sumsOf(
  { input, reached, wanted }: ProjectionRows,
  weights: readonly number[],
  index: number,
): Record<string, Tensor> {
  const [batch, count, width] = input.shape as [number, number, number];
  const rows = batch * count;
  const column = (value: (row: number) => number) =>
    input.backend.constant(
      float32(
        [rows, 1],
        Float32Array.from({ length: rows }, (_, row) => value(row)),
      ),
    );
  const roots = column((row) => Math.sqrt(weights[row % count]!));
  const a = mul(concat([reshape(input, [rows, width]), column(() => 1)], 1), roots);
  const r = mul(reshape(sub(wanted, reached), [rows, width]), roots);
  return {
    [`gram${index}`]: matMul(a, a, { transposeA: true }),
    [`cross${index}`]: matMul(a, r, { transposeA: true }),
    [`square${index}`]: sum(mul(r, r)),
  };
}

function added(
  total: RidgeSums | undefined,
  gram: HostTensor,
  cross: HostTensor,
  square: HostTensor,
): RidgeSums {
  const [inputs, outputs] = cross.shape as [number, number];
  const result = total ?? {
    inputs,
    outputs,
    gram: new Float64Array(gram.data.length),
    cross: new Float64Array(cross.data.length),
    square: 0,
  };
  for (let i = 0; i < gram.data.length; i++) result.gram[i]! += gram.data[i]!;
  for (let i = 0; i < cross.data.length; i++) result.cross[i]! += cross.data[i]!;
  return { ...result, square: result.square + square.data[0]! };
}
