/** One vector for each patch from a slimmed network, for tasks that need the full grid: segmentation, depth, matching. */

import type { ImageSet } from '@patchslim/datasets';
import {
  PatchslimError,
  throwIfAborted,
  type HostTensor,
  type LongCallOptions,
  type Tensor,
} from '@patchslim/tensor';
import { runOnGrid, type BlockPlan, type VitModel } from '@patchslim/vit-models';
import { compileOnImages, type BatchedProgram } from './batched-program.js';
import { defaults } from './defaults.js';

/** Which tokens are wanted. */
export interface PatchTokensOptions {
  /** Blocks whose output is wanted, counted from 0. @default the last */
  readonly blocks?: readonly number[] | undefined;
  /** Whether the last norm is applied, where the network applies it to tokens, as DINOv2 and ViT do. @default false */
  readonly norm?: boolean | undefined;
}

/** The tokens behind one block. */
export interface BlockTokens {
  readonly block: number;
  /** `[N, D]`, of a batch `[B, N, D]`: prefix tokens (class token, registers), then the patches in reading order. */
  readonly tokens: HostTensor;
}

/** The tokens of a batch of images. */
export interface PatchTokens {
  readonly ids: readonly string[];
  readonly blocks: readonly BlockTokens[];
}

/**
 * Runs a network, dense or under a plan, over images, and gives the tokens behind some blocks on the full grid. A row into which
 * tokens were merged is given to all of them; a token that was dropped keeps the last value that it had.
 *
 * @throws PLAN_INVALID; INVALID_ARGUMENT for a block that the model does not have; ABORTED; errors of decoding
 * @example
 * for await (const { ids, blocks } of patchTokens(model, images, { plan: blocksFor(plan, model), blocks: [5, 11] })) {
 *   const [middle, last] = blocks; // each has `tokens`, [B, N, D]
 * }
 */
export async function* patchTokens(
  model: VitModel,
  images: ImageSet,
  options: PatchTokensOptions &
    LongCallOptions & {
      /** @default dense */
      readonly plan?: readonly BlockPlan[] | undefined;
      /** @default 8 */
      readonly batchSize?: number | undefined;
    } = {},
): AsyncGenerator<PatchTokens> {
  const { plan, batchSize = defaults.batchSize, signal, onProgress } = options;
  const program = await compileGrid(model, plan, batchSize, options);
  let done = 0;
  try {
    for await (const batch of images.batches(batchSize, { signal })) {
      throwIfAborted(signal, 'patchTokens()');
      yield { ids: batch.ids, blocks: await program.run(batch.images) };
      done += batch.ids.length;
      onProgress?.({ stage: 'patch tokens', done, total: images.count, unit: 'images' });
    }
  } finally {
    await program.dispose();
  }
}

/** Reads single images. Compiles on first use, and again for other options. */
export interface GridReader {
  /** @param pixels `[1, 3, S, S]`, preprocessed @throws as `patchTokens`; DISPOSED after `dispose` */
  read(pixels: HostTensor<'float32'>, options?: PatchTokensOptions): Promise<readonly BlockTokens[]>;
  dispose(): Promise<void>;
}

/** A reader of one network, dense or under a plan. */
export function createGridReader(model: VitModel, plan?: readonly BlockPlan[]): GridReader {
  let current: { readonly key: string; readonly program: Promise<GridProgram> } | undefined;
  let disposed = false;
  let turn: Promise<unknown> = Promise.resolve();
  // One after another: a call with other options disposes of the program.
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const result = turn.then(work);
    turn = result.catch(() => undefined);
    return result;
  };
  const drop = async (): Promise<void> => {
    const program = await current?.program.catch(() => undefined); // the caller of `read` has the error
    current = undefined;
    await program?.dispose();
  };
  return {
    read: (pixels, options = {}) =>
      inTurn(async () => {
        if (disposed) throw new PatchslimError('DISPOSED', 'patchTokens(): the model was closed');
        const key = JSON.stringify([options.blocks, options.norm]);
        if (current?.key !== key) {
          await drop();
          current = { key, program: compileGrid(model, plan, 1, options) };
        }
        const blocks = await (await current.program).run(pixels);
        return blocks.map(({ block, tokens }) => ({
          block,
          tokens: { ...tokens, shape: tokens.shape.slice(1) },
        }));
      }),
    dispose() {
      disposed = true;
      return inTurn(drop);
    },
  };
}

interface GridProgram {
  run(images: HostTensor<'float32'>): Promise<BlockTokens[]>;
  dispose(): Promise<void>;
}

async function compileGrid(
  model: VitModel,
  plan: readonly BlockPlan[] | undefined,
  batchSize: number,
  { blocks = [model.config.depth - 1], norm }: PatchTokensOptions,
): Promise<GridProgram> {
  const program: BatchedProgram<'images', string> = await compileOnImages(model, batchSize, (pixels) => {
    const { grids } = runOnGrid(model, pixels, { plan, blocks, norm });
    return Object.fromEntries(grids.map((grid, i): [string, Tensor] => [`tokens${i}`, grid]));
  });
  return {
    async run(images) {
      const outputs = await program.run({ images });
      return blocks.map((block, i) => ({ block, tokens: outputs[`tokens${i}`]! }));
    },
    dispose: () => program.dispose(),
  };
}
