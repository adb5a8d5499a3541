/** Answers a schedule's questions by running the model on calibration images. */

import type { ImageSet } from '@patchslim/datasets';
import type { Estimator } from '@patchslim/importance-estimators';
import type { ErrorNorm, Scores, SlimmingOracle } from '@patchslim/slimming-schedules';
import {
  gather,
  int32,
  mul,
  PatchslimError,
  scope,
  sub,
  sum,
  throwIfAborted,
  type LongCallOptions,
  type Tensor,
} from '@patchslim/tensor';
import {
  rowPicker,
  runBlocks,
  tokenCount,
  traceTokens,
  type BlockPlan,
  type Keys,
  type VitModel,
} from '@patchslim/vit-models';
import { compileBatched } from './batched-program.js';
import { collectFeatures, type FeatureStore } from './feature-store.js';
import { addRows, meanScores, scoreImages } from './score-images.js';

/** Whether deeper blocks are dense or already slimmed when a block is scored. */
export type AttentionMode = 'dense' | 'slimmed';

export interface OracleOptions extends LongCallOptions {
  readonly estimator: Estimator;
  readonly attention: AttentionMode;
  readonly keys: Keys;
  readonly seed: number;
  readonly batchSize: number;
}

export interface Oracle extends SlimmingOracle {
  /** Deletes what was spilled to disk. */
  close(): Promise<void>;
}

/** An oracle that runs the model no earlier than it is asked, and each pass over the images at most once. */
export function createOracle(model: VitModel, images: ImageSet, options: OracleOptions): Oracle {
  const { config } = model;
  const slimmed = options.attention === 'slimmed' && options.estimator.looksDeeper;
  let dense: Promise<Float64Array[]> | undefined;
  let features: Promise<FeatureStore> | undefined;
  const collected = () => (features ??= collectFeatures(model, images, options));
  return {
    config,
    keys: options.keys,
    async scores(block, plan) {
      if (slimmed) return scoreSlimmed(model, await collected(), block, plan, options);
      dense ??= scoreImages(model, images, options);
      return (await dense)[block]!;
    },
    async error(block, plan, norm) {
      return reconstructionError(model, await collected(), block, plan, norm, options);
    },
    async close() {
      // A pass that failed has cleaned up, and its caller has its error.
      const store = await features?.catch(() => undefined);
      await store?.close();
    },
  };
}

/** Scores of one block: from its original input on, itself dense, the deeper blocks as in `plan`. */
async function scoreSlimmed(
  model: VitModel,
  features: FeatureStore,
  block: number,
  plan: readonly BlockPlan[],
  { estimator, seed, batchSize, signal }: OracleOptions,
): Promise<Scores> {
  const { config, backend } = model;
  const upToHere = plan.map((entry, index): BlockPlan => (index <= block ? { kind: 'dense' } : entry));
  const positions = traceTokens(config, upToHere)[block]!.input;
  const program = await compileBatched(
    backend,
    batchSize,
    { tokens: [tokenCount(config), config.width] },
    ({ tokens }) => ({
      scores: scope(backend, () => {
        const range = { plan: upToHere, from: block, capture: estimator.needs };
        const { captures } = runBlocks(model, { tokens, positions }, range);
        return estimator.score(captures, { config, seed })[0]!;
      }),
    }),
  );
  try {
    const total = new Float64Array(tokenCount(config));
    for await (const tokens of features.read(block, batchSize)) {
      throwIfAborted(signal, 'scores()');
      addRows(total, (await program.run({ tokens })).scores.data);
    }
    return meanScores(total, features.images, block);
  } finally {
    await program.dispose();
  }
}

/** `E_block`: blocks `block − 1` and `block` under the plan, from the original input, against the dense features. */
async function reconstructionError(
  model: VitModel,
  features: FeatureStore,
  block: number,
  plan: readonly BlockPlan[],
  norm: ErrorNorm,
  { batchSize, signal }: OracleOptions,
): Promise<number> {
  const { config, backend } = model;
  // The original input has all tokens, so the blocks before are dense here, whatever the plan will make of them.
  const local = plan.map((entry, index): BlockPlan => (index < block - 1 ? { kind: 'dense' } : entry));
  const traced = traceTokens(config, local);
  const { kept, output } = traced[block]!;
  const row = [tokenCount(config), config.width];
  const program = await compileBatched(
    backend,
    batchSize,
    { tokens: row, target: row },
    ({ tokens, target }) =>
      scope(backend, () => {
        const state = { tokens, positions: traced[block - 1]!.input };
        const range = { plan: local, from: block - 1, to: block + 1 };
        const reached = rowPicker(backend, output, kept)(runBlocks(model, state, range).state.tokens);
        const wanted = gather(target, backend.constant(int32([kept.length], kept)), 1);
        return { error: squaredNorm(sub(reached, wanted)), size: squaredNorm(wanted) };
      }),
  );
  try {
    let error = 0;
    let size = 0;
    const targets = features.read(block + 1, batchSize)[Symbol.asyncIterator]();
    for await (const tokens of features.read(block - 1, batchSize)) {
      throwIfAborted(signal, 'error()');
      const target = await targets.next();
      if (target.done) throw new PatchslimError('IO_FAILED', 'error(): the stored features end early');
      const result = await program.run({ tokens, target: target.value });
      error += total(result.error.data);
      size += total(result.size.data);
    }
    return normalized(error, size, features.images, kept.length * config.width, norm);
  } finally {
    await program.dispose();
  }
}

function normalized(error: number, size: number, images: number, elements: number, norm: ErrorNorm): number {
  switch (norm) {
    case 'sum':
      return error / images;
    case 'mean':
      return error / images / elements;
    case 'relative':
      return error / size;
    default:
      return norm satisfies never;
  }
}

/** `[B, n, D] → [B]`. */
const squaredNorm = (x: Tensor): Tensor => sum(mul(x, x), [1, 2]);

const total = (values: ArrayLike<number>): number => Array.from(values).reduce((a, b) => a + b, 0);
