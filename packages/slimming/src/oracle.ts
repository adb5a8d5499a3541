/** Answers a schedule's questions by running the model on calibration images, and adapts blocks when it may learn. */

import type { ImageSet } from '@patchslim/datasets';
import type { Score } from '@patchslim/importance-estimators';
import type { CostOf, ErrorNorm, Scores, SettledBlock, SlimmingOracle } from '@patchslim/slimming-schedules';
import {
  PatchslimError,
  scope,
  tensorsIn,
  throwIfAborted,
  type HostTensor,
  type LongCallOptions,
} from '@patchslim/tensor';
import {
  runBlocks,
  tokenCount,
  traceTokens,
  type BlockPlan,
  type Keys,
  type VitModel,
  type VitParams,
} from '@patchslim/vit-models';
import { compileBatched } from './batched-program.js';
import type { FeatureStore } from './feature-store.js';
import { costOfCounts, firstTokens } from './counted-plan.js';
import type { Journal } from './journal.js';
import { createAdaptedNetwork } from './learn/adapted-network.js';
import { hostParams, readWeights } from './learn/host-params.js';
import { learnBlock, type BlockLearning } from './learn/learn-block.js';
import { collectLessons, type Lessons } from './learn/lessons.js';
import { reconstruct, rowsAbove } from './reconstruction.js';
import { addRows, meanScores, scoreImages } from './score-images.js';

/** Whether deeper blocks are dense or already slimmed when a block is scored. */
export type AttentionMode = 'dense' | 'slimmed';

/** Options of `createOracle`. */
export interface OracleOptions extends LongCallOptions {
  readonly estimator: Score;
  readonly attention: AttentionMode;
  readonly keys: Keys;
  readonly seed: number;
  readonly batchSize: number;
  /** In the unit of the schedule's budget (see `scheduleCost`); multiply-accumulates when left out. */
  readonly costOf?: CostOf | undefined;
  /** How each block is adapted after each selection, and the images that choose its best epoch; not at all when left out. */
  readonly learning?: (Pick<BlockLearning, 'epochs' | 'rate'> & { readonly heldBack: ImageSet }) | undefined;
  /** Where settled blocks are noted, and those of a run that was cut off are found. */
  readonly journal?: Journal | undefined;
}

/** What answers a schedule's questions by running the model, and holds the adapted weights. */
export interface Oracle extends SlimmingOracle {
  /** All parameters, those of adapted blocks as they are now. */
  params(): Promise<VitParams<HostTensor<'float32'>>>;
  /** Deletes what was spilled to disk, and the adapted parameters. */
  close(): Promise<void>;
}

/** An oracle that runs the model no earlier than it is asked, and each pass over the images at most once. */
export function createOracle(model: VitModel, images: ImageSet, options: OracleOptions): Oracle {
  const { config } = model;
  const { learning, journal, seed, batchSize, signal } = options;
  const slimmed = options.attention === 'slimmed' && options.estimator.readsDeeperBlocks;
  let dense: Promise<Float64Array[]> | undefined;
  let features: Promise<Lessons> | undefined;
  const network = createAdaptedNetwork(model);
  const collect = (set: ImageSet) => collectLessons(model, network, set, options);
  let heldBack: Promise<Lessons> | undefined;
  const collected = () => (features ??= collect(images));
  for (const [i, { learned }] of journal?.settled.entries() ?? []) {
    if (learned.length > 0) network.adapt(config.depth - 2 - i, learned);
  }
  return {
    config,
    keys: options.keys,
    costOf: options.costOf ?? costOfCounts(config, (count) => firstTokens(count, options.keys)),
    async scores(block, plan) {
      if (slimmed) return scoreSlimmed(network.model, (await collected()).store, block, plan, options);
      dense ??= scoreImages(model, images, options);
      return (await dense)[block]!;
    },
    async error(block, plan, norm) {
      return reconstructionError(network.model, await collected(), block, plan, norm, options);
    },
    ...(learning && {
      async learn(block: number, plan: readonly BlockPlan[]) {
        heldBack ??= collect(learning.heldBack);
        const lessons = {
          learn: await (await collected()).of(block),
          heldBack: await (await heldBack).of(block),
        };
        const learned = await learnBlock(network.model, lessons, block, plan, {
          ...learning,
          batchSize,
          seed,
          signal,
        });
        network.adapt(block, learned);
      },
    }),
    ...(journal && {
      settled: journal.settled,
      async settle(block: number, settled: SettledBlock) {
        const own = network.model.params.blocks[block]!;
        const learned = network.isAdapted(block) ? await readWeights(tensorsIn(own)) : [];
        await journal.write(block, { ...settled, learned });
      },
    }),
    params: () => hostParams(network.model.params),
    async close() {
      network.dispose();
      for (const pass of [features, heldBack]) {
        // A pass that failed has cleaned up, and its caller has its error.
        const lessons = await pass?.catch(() => undefined);
        await lessons?.close();
      }
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
    for await (const tokens of features.at(block).read(batchSize)) {
      throwIfAborted(signal, 'scores()');
      addRows(total, (await program.run({ tokens })).scores.data);
    }
    return meanScores(total, features.images, block);
  } finally {
    await program.dispose();
  }
}

/** `E_block`: blocks `block − 1` and `block` under the plan, from the original input, against the target. */
async function reconstructionError(
  network: VitModel,
  lessons: Lessons,
  block: number,
  plan: readonly BlockPlan[],
  norm: ErrorNorm,
  { batchSize, signal }: OracleOptions,
): Promise<number> {
  const { config, backend } = network;
  const row = [tokenCount(config), config.width];
  const program = await compileBatched(backend, batchSize, { tokens: row, target: row }, (inputs) => ({
    ...reconstruct(network, block - 1, plan, inputs),
  }));
  try {
    let error = 0;
    let size = 0;
    const { images, tokens: inputs, target: wanted } = await lessons.of(block - 1);
    const targets = wanted.read(batchSize)[Symbol.asyncIterator]();
    for await (const tokens of inputs.read(batchSize)) {
      throwIfAborted(signal, 'error()');
      const target = await targets.next();
      if (target.done) throw new PatchslimError('IO_FAILED', 'error(): the stored features end early');
      const result = await program.run({ tokens, target: target.value });
      error += total(result.error.data);
      size += total(result.size.data);
    }
    const elements = rowsAbove(network, block - 1, plan) * config.width;
    return normalized(error, size, images, elements, norm);
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

const total = (values: ArrayLike<number>): number => Array.from(values).reduce((a, b) => a + b, 0);
