/** Dense against slimmed, measured side by side: an absolute time means little, a ratio within one run a lot. */

import {
  createRandom,
  float32,
  runOnHost,
  throwIfAborted,
  withPrograms,
  type LongCallOptions,
  type Program,
} from '@patchslim/tensor';
import { vitMacs } from '@patchslim/flop-counter';
import { forward, type BlockPlan, type VitModel } from '@patchslim/vit-models';

/** Options of `compareSpeed`. */
export interface SpeedOptions extends LongCallOptions {
  readonly batches: readonly number[];
  /** Measured pairs for each batch size. */
  readonly runs: number;
}

/** Dense against slimmed time at one batch size. */
export interface SpeedResult {
  readonly batch: number;
  /** Median time for one image, ms. */
  readonly denseMs: number;
  readonly slimmedMs: number;
  /** Median of dense / slimmed over the pairs. */
  readonly speedup: number;
  /** Slimmed over dense multiply-accumulates. */
  readonly macRatio: number;
  /** First and third quartile of the pairs' speed-ups. */
  readonly spread: readonly [number, number];
  readonly runs: number;
  /** Compiling and the first run, which is not counted above, for the batch as a whole, ms. */
  readonly coldDenseMs: number;
  readonly coldSlimmedMs: number;
}

/** Runs both models in turn, dense and slimmed, on the same random input; one warm-up pair is not counted. */
export async function compareSpeed(
  model: VitModel,
  plan: readonly BlockPlan[],
  { batches, runs, signal, onProgress }: SpeedOptions,
): Promise<SpeedResult[]> {
  const results: SpeedResult[] = [];
  const total = batches.length * runs;
  for (const batch of batches) {
    await withPrograms(async (own) => {
      const start = performance.now();
      const slimmed = own(await compileForward(model, batch, plan)); // first: it refuses a plan that does not fit
      const between = performance.now();
      const dense = own(await compileForward(model, batch));
      const compiling = { dense: performance.now() - between, slimmed: between - start };
      const images = randomImages(batch, model.config.imageSize);
      const pairs: Pair[] = [];
      let first: Pair | undefined;
      for (let run = -1; run < runs; run++) {
        throwIfAborted(signal, 'compareSpeed()');
        const pair = {
          dense: await timed(() => runOnHost(model.backend, dense, { images })),
          slimmed: await timed(() => runOnHost(model.backend, slimmed, { images })),
        };
        first ??= pair;
        if (run < 0) continue;
        pairs.push(pair);
        onProgress?.({ stage: 'measure', done: results.length * runs + run + 1, total, unit: 'runs' });
      }
      results.push({
        ...summarize(batch, pairs, vitMacs(model.config, plan).total / vitMacs(model.config).total),
        coldDenseMs: compiling.dense + first!.dense,
        coldSlimmedMs: compiling.slimmed + first!.slimmed,
      });
    });
  }
  return results;
}

/** The whole network for `batch` images, dense when no plan is given. @throws PLAN_INVALID */
export function compileForward(
  model: VitModel,
  batch: number,
  plan?: readonly BlockPlan[],
): Promise<Program<'images', 'logits'>> {
  const { imageSize } = model.config;
  return model.backend.compile(({ images }) => ({ logits: forward(model, images, { plan }).logits }), {
    images: { shape: [batch, 3, imageSize, imageSize], dtype: 'float32' },
  });
}

/** Times of a dense and a slimmed run, ms. */
interface Pair {
  readonly dense: number;
  readonly slimmed: number;
}

function summarize(
  batch: number,
  pairs: readonly Pair[],
  macRatio: number,
): Omit<SpeedResult, 'coldDenseMs' | 'coldSlimmedMs'> {
  const speedups = pairs.map(({ dense, slimmed }) => dense / slimmed);
  return {
    batch,
    denseMs: median(pairs.map(({ dense }) => dense)) / batch,
    slimmedMs: median(pairs.map(({ slimmed }) => slimmed)) / batch,
    speedup: median(speedups),
    macRatio,
    spread: [quantile(speedups, 0.25), quantile(speedups, 0.75)],
    runs: pairs.length,
  };
}

/** Values from −2 to 2. */
export function randomImages(batch: number, size: number) {
  const random = createRandom(0);
  return float32(
    [batch, 3, size, size],
    Float32Array.from({ length: batch * 3 * size * size }, () => 4 * random() - 2),
  );
}

/** In ms. */
export async function timed(run: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await run();
  return performance.now() - start;
}

export const median = (values: readonly number[]): number => quantile(values, 0.5);

/** Linear interpolation between the two nearest values. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const place = share * (sorted.length - 1);
  const below = sorted[Math.floor(place)]!;
  return below + (sorted[Math.ceil(place)]! - below) * (place - Math.floor(place));
}
