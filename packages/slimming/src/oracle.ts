/** Answers a schedule's questions by running the model on calibration images. Optionally adapts blocks. */

import type { ImageSet } from '@patchslim/datasets';
import type { Score } from '@patchslim/importance-estimators';
import type { CostOf, ErrorNorm, Scores, SearchedBlock, SlimmingOracle } from '@patchslim/slimming-schedules';
import { PatchslimError, scope, tensorsIn, throwIfAborted, type HostTensor } from '@patchslim/tensor';
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
import type { Job } from './job/job.js';
import type { Saved, SavedEntry } from './job/saved.js';
import { createAdaptedNetwork } from './learn/adapted-network.js';
import { hostParams, readWeights } from './learn/host-params.js';
import { trainBlock } from './learn/train-block.js';
import { collectExamples, type ExampleStore } from './learn/block-examples.js';
import { reconstruct, rowsAbove } from './reconstruction.js';
import type { RecoveryInSearch } from './recover/block.js';
import { addRows, meanScores, scoreImages } from './score-images.js';

/** Whether the blocks after a scored one are dense or already slimmed. */
export type DeeperBlocks = 'dense' | 'slimmed';

/** Options of `createOracle`. */
export interface OracleOptions {
  readonly score: Score;
  readonly deeperBlocks: DeeperBlocks;
  readonly keys: Keys;
  /** In the unit of the schedule's budget (see `scheduleCost`). */
  readonly costOf: CostOf;
  /** Recovery for each block after each selection. Default: none. */
  readonly recovery?: RecoveryInSearch | undefined;
  /** Whether blocks are searched one by one. Each searched block is then saved, and a resumed job reads them back. */
  readonly savesBlocks?: boolean | undefined;
}

/** An oracle that runs the model and owns the adapted weights. */
export interface Oracle extends SlimmingOracle {
  /** All parameters, including the adapted blocks. */
  params(): Promise<VitParams<HostTensor<'float32'>>>;
  /** Deletes the spilled files and the adapted parameters. */
  close(): Promise<void>;
}

/**
 * Creates an oracle. It runs the model only on request, and makes each pass over the images at most once.
 * @throws INVALID_ARGUMENT when the saved blocks belong to another job; CHECKPOINT_INVALID, IO_FAILED
 */
export async function createOracle(job: Job, images: ImageSet, options: OracleOptions): Promise<Oracle> {
  const { model, saved, seed, batchSize, signal } = job;
  const { config } = model;
  const { recovery, score, keys } = options;
  const slimmed = options.deeperBlocks === 'slimmed' && score.readsDeeperBlocks;
  const searched = options.savesBlocks ? await readSearched(saved, config.depth) : [];
  let dense: Promise<Float64Array[]> | undefined;
  let features: Promise<ExampleStore> | undefined;
  const network = createAdaptedNetwork(model);
  const collect = (set: ImageSet) => collectExamples(model, network, set, job);
  let choosing: Promise<ExampleStore> | undefined;
  const collected = () => (features ??= collect(images));
  for (const [i, { learned }] of searched.entries()) {
    if (learned.length > 0) network.adapt(config.depth - 2 - i, learned);
  }
  return {
    ...{ config, keys, costOf: options.costOf },
    async scores(block, plan) {
      if (slimmed) return scoreSlimmed(network.model, (await collected()).store, block, plan, score, job);
      dense ??= scoreImages(model, images, { ...job, score });
      return (await dense)[block]!;
    },
    async error(block, plan, norm) {
      return reconstructionError(network.model, await collected(), block, plan, norm, job);
    },
    ...(recovery && {
      async learn(block: number, plan: readonly BlockPlan[]) {
        choosing ??= collect(recovery.choose);
        const examples = {
          learn: await (await collected()).of(block),
          heldBack: await (await choosing).of(block),
        };
        const training = { ...recovery.recovery.training, batchSize, seed, signal };
        network.adapt(block, await trainBlock(network.model, examples, block, plan, training));
      },
    }),
    ...(options.savesBlocks && {
      searched,
      async saveSearched(block: number, { kept, error }: SearchedBlock) {
        const own = network.model.params.blocks[block]!;
        const learned = network.isAdapted(block) ? await readWeights(tensorsIn(own)) : [];
        await saved.write(savedName(block), { kept, error }, learned);
      },
    }),
    params: () => hostParams(network.model.params),
    async close() {
      network.dispose();
      for (const pass of [features, choosing]) {
        // A failed pass has cleaned up, and its caller has the error.
        const examples = await pass?.catch(() => undefined);
        await examples?.close();
      }
    },
  };
}

/** A searched block and its adapted weights, if any, in the order of `tensorsIn`. */
interface SavedBlock extends SearchedBlock {
  readonly learned: readonly HostTensor<'float32'>[];
}

const savedName = (block: number): string => `block-${block}`;

/**
 * From the last but one block towards the input. All files are read first, so that a file of another job is refused
 * before any search.
 */
async function readSearched(saved: Saved, depth: number): Promise<SavedBlock[]> {
  const entries: (SavedEntry | undefined)[] = [];
  for (let block = depth - 2; block >= 0; block--) entries.push(await saved.read(savedName(block)));
  const searched: SavedBlock[] = [];
  for (const entry of entries) {
    if (!entry) break;
    searched.push({ ...(entry.value as SearchedBlock), learned: entry.tensors });
  }
  return searched;
}

/** Scores of one block from its original input: the block is dense, the deeper blocks are as in `plan`. */
async function scoreSlimmed(
  model: VitModel,
  features: FeatureStore,
  block: number,
  plan: readonly BlockPlan[],
  score: Score,
  { seed, batchSize, signal }: Job,
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
        const range = { plan: upToHere, from: block, capture: score.needs };
        const { captures } = runBlocks(model, { tokens, positions }, range);
        return score.score(captures, { config, seed })[0]!;
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

/** `E_block`: blocks `block − 1` and `block` under the plan, from the original input, compared with the target. */
async function reconstructionError(
  network: VitModel,
  examples: ExampleStore,
  block: number,
  plan: readonly BlockPlan[],
  norm: ErrorNorm,
  { batchSize, signal }: Job,
): Promise<number> {
  const { config, backend } = network;
  const row = [tokenCount(config), config.width];
  const program = await compileBatched(backend, batchSize, { tokens: row, target: row }, (inputs) => ({
    ...reconstruct(network, block - 1, plan, inputs),
  }));
  try {
    let error = 0;
    let size = 0;
    const { images, tokens: inputs, target: wanted } = await examples.of(block - 1);
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
