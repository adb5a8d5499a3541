/**
 * Training examples for blocks: their original inputs, and targets one block above. The target is the output of the
 * block above when the original features of all tokens reach it. Before that block has learned, this is the stored
 * dense feature. A block that has learned to compensate for its missing tokens deliberately gives other features, and
 * the block below must not undo that.
 */

import type { ImageSet } from '@patchslim/datasets';
import { range, throwIfAborted } from '@patchslim/tensor';
import { densePlan, runBlocks, tokenCount, type VitModel } from '@patchslim/vit-models';
import { compileBatched } from '../batched-program.js';
import {
  collectFeatures,
  featuresIn,
  type CollectOptions,
  type Features,
  type FeatureStore,
} from '../feature-store.js';
import { openSpill, type Spill } from '../spill/index.js';
import type { AdaptedNetwork } from './adapted-network.js';

/** Training examples of one block. */
export interface BlockExamples {
  readonly images: number;
  /** Original inputs of the block. */
  readonly tokens: Features;
  /** Targets: the output of the block above. */
  readonly target: Features;
}

export interface ExampleStore {
  /** Original features. */
  readonly store: FeatureStore;
  /** The examples of `block`, with the current block above. Examples of another block can become invalid. */
  of(block: number): Promise<BlockExamples>;
  /** Deletes everything. */
  close(): Promise<void>;
}

/** @param dense the network of the original features; `network` started from it, or from an earlier recovery of it */
export async function collectExamples(
  dense: VitModel,
  network: AdaptedNetwork,
  images: ImageSet,
  options: CollectOptions,
): Promise<ExampleStore> {
  const store = await collectFeatures(dense, images, options);
  const { config } = dense;
  const row = [tokenCount(config), config.width];
  let made: { readonly params: unknown; readonly spill: Spill } | undefined;

  /** Output of the current `block`. */
  async function behind(block: number): Promise<Features> {
    const params = network.model.params.blocks[block];
    if (params === dense.params.blocks[block]) return store.at(block + 1);
    if (!made || made.params !== params) {
      await made?.spill.close();
      made = undefined;
      made = { params, spill: await runAlone(network.model, store, block, options) };
    }
    return featuresIn(made.spill, 0, store.images, row);
  }

  return {
    store,
    of: async (block) => ({
      images: store.images,
      tokens: store.at(block),
      target: await behind(block + 1),
    }),
    async close() {
      await made?.spill.close();
      await store.close();
    },
  };
}

/** Output of `block` for its original input. */
async function runAlone(
  model: VitModel,
  store: FeatureStore,
  block: number,
  { batchSize, signal }: CollectOptions,
): Promise<Spill> {
  const { config, backend } = model;
  const [count, width] = [tokenCount(config), config.width];
  const alone = { plan: densePlan(config), from: block, to: block + 1 };
  const program = await compileBatched(backend, batchSize, { tokens: [count, width] }, ({ tokens }) => ({
    output: runBlocks(model, { tokens, positions: range(count) }, alone).state.tokens,
  }));
  let spill: Spill | undefined;
  try {
    spill = await openSpill(1, count * width);
    for await (const tokens of store.at(block).read(batchSize)) {
      throwIfAborted(signal, 'collectExamples()');
      await spill.append(0, (await program.run({ tokens })).output.data as Float32Array);
    }
    return spill;
  } catch (error) {
    await spill?.close();
    throw error;
  } finally {
    await program.dispose();
  }
}
