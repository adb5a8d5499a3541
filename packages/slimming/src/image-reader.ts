/** A network compiled for one image at a time: its logits, and its embedding. */

import { PatchslimError, runOnHost, scope, type HostTensor, type Program } from '@patchslim/tensor';
import {
  embed,
  poolTokens,
  readOutputs,
  runBlocks,
  type BlockPlan,
  type VitModel,
} from '@patchslim/vit-models';

/** Output of a network for one image. */
export interface ReadImage {
  /** `[C]`. */
  readonly logits: Float32Array;
  /** `[D]`: the output of an encoder; of a classifier what its head reads. */
  readonly embedding: Float32Array;
}

/** Compiles once, on first use. */
export interface ImageReader {
  /**
   * @param pixels `[1, 3, S, S]`, preprocessed
   * @throws `SHAPE_MISMATCH` for pixels of another size, `DISPOSED` after `dispose`
   */
  read(pixels: HostTensor<'float32'>): Promise<ReadImage>;
  /** Frees the compiled program; the model stays. */
  dispose(): Promise<void>;
}

/**
 * Reads images with one model, dense or under a plan.
 *
 * @throws from `read`: `PLAN_INVALID` when the plan does not fit the model
 * @example
 * const reader = createImageReader(model, blocksFor(plan, model));
 * const { logits, embedding } = await reader.read(pixels);
 */
export function createImageReader(model: VitModel, plan?: readonly BlockPlan[]): ImageReader {
  const { backend, config } = model;
  let disposed = false;
  let compiling: Promise<Program<'images', 'logits' | 'embedding'>> | undefined;
  const compile = () =>
    backend.compile(
      ({ images }) =>
        scope(backend, () => {
          const pooled = poolTokens(model, runBlocks(model, embed(model, images), { plan }).state);
          return readOutputs(model, pooled);
        }),
      { images: { shape: [1, 3, config.imageSize, config.imageSize], dtype: 'float32' } },
    );
  return {
    async read(pixels) {
      if (disposed) throw new PatchslimError('DISPOSED', 'read(): the model was closed');
      const program = await (compiling ??= compile().catch((error: unknown) => {
        compiling = undefined; // a later call may succeed
        throw error;
      }));
      const { logits, embedding } = await runOnHost(backend, program, { images: pixels });
      return { logits: Float32Array.from(logits.data), embedding: Float32Array.from(embedding.data) };
    },
    async dispose() {
      disposed = true;
      const program = await compiling?.catch(() => undefined); // the caller of `read` has the error
      compiling = undefined;
      await program?.dispose();
    },
  };
}
