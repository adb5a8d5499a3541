/** Dense against slimmed, measured in one run: ratios are reliable, absolute times are not. */

import {
  createRandom,
  float32,
  runOnHost,
  withPrograms,
  type LongCallOptions,
  type Program,
} from '@patchslim/tensor';
import { vitMacs } from '@patchslim/flop-counter';
import { forward, type BlockPlan, type VitModel } from '@patchslim/vit-models';
import { median, pairRatio, timeInTurn } from './timing.js';

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
  /** Compilation and first run, not included above, ms for the whole batch. */
  readonly coldDenseMs: number;
  readonly coldSlimmedMs: number;
}

/**
 * Times both models in pairs on the same random input; the order alternates from pair to pair. One warm-up pair is
 * not counted. The speed-up is the median of the pairs' ratios, which can differ from the ratio of the two medians.
 * @throws PLAN_INVALID when the plan does not fit the model; ABORTED
 */
export async function compareSpeed(
  model: VitModel,
  plan: readonly BlockPlan[],
  { batches, runs, signal, onProgress }: SpeedOptions,
): Promise<SpeedResult[]> {
  const { config, backend } = model;
  const results: SpeedResult[] = [];
  const total = batches.length * runs;
  for (const batch of batches) {
    await withPrograms(async (own) => {
      // Slimmed first: this checks the plan.
      const programs: Program<'images', 'logits'>[] = [];
      const compiling = { slimmed: 0, dense: 0 };
      for (const side of ['slimmed', 'dense'] as const) {
        const start = performance.now();
        programs.push(own(await compileForward(model, batch, side === 'slimmed' ? plan : undefined)));
        compiling[side] = performance.now() - start;
      }
      const images = randomImages(batch, config.imageSize);
      const { first, times } = await timeInTurn(
        programs.map((program) => () => runOnHost(backend, program, { images })),
        {
          ...{ runs, where: 'compareSpeed()', signal },
          onRun: (done) =>
            onProgress?.({ stage: 'measure', done: results.length * runs + done, total, unit: 'runs' }),
        },
      );
      const [slimmed, dense] = times;
      const { ratio, spread } = pairRatio(dense!, slimmed!);
      results.push({
        batch,
        denseMs: median(dense!) / batch,
        slimmedMs: median(slimmed!) / batch,
        speedup: ratio,
        macRatio: vitMacs(config, plan).total / vitMacs(config).total,
        spread,
        runs,
        coldDenseMs: compiling.dense + first[1]!,
        coldSlimmedMs: compiling.slimmed + first[0]!,
      });
    });
  }
  return results;
}

/** The whole network for `batch` images; dense without a plan. @throws PLAN_INVALID */
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

/** Values from −2 to 2. */
export function randomImages(batch: number, size: number) {
  const random = createRandom(0);
  return float32(
    [batch, 3, size, size],
    Float32Array.from({ length: batch * 3 * size * size }, () => 4 * random() - 2),
  );
}
