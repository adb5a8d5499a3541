/** Runs single images through the dense and the slimmed network, for a webcam or a page that visualises a plan. */

import { findScore } from '@patchslim/importance-estimators';
import { range, scope, type HostTensor } from '@patchslim/tensor';
import { classify, embed, runBlocks, type BlockPlan, type VitModel } from '@patchslim/vit-models';
import { compileOnImages } from './batched-program.js';
import { computedRows, sourcesByBlock, type ComputedRows } from './computed-rows.js';

/** Outputs of both networks for one image. `C` classes, `N` tokens including the class token, `L` blocks. */
export interface InspectedImage {
  /** Logits `[C]` of the dense network, or its embedding. */
  readonly dense: Float32Array;
  /** The same under the plan. */
  readonly slimmed: Float32Array;
  /** The rows that each of `L` blocks computes under the plan. */
  readonly kept: readonly ComputedRows[];
  /** Attention of the class token in each of `L` dense blocks, `[N]`, mean over heads. */
  readonly scores: readonly Float32Array[];
}

/** A model and a plan, compiled for single images. */
export interface Inspector {
  /**
   * @param pixels `[1, 3, S, S]`, preprocessed
   * @throws `SHAPE_MISMATCH` for pixels of another size, `DISPOSED` after `dispose`
   */
  inspect(pixels: HostTensor<'float32'>): Promise<InspectedImage>;
  /** Frees the compiled program; the model stays. */
  dispose(): Promise<void>;
}

/**
 * Compiles the dense and the slimmed network, with their captures, as one program.
 * @throws `PLAN_INVALID` when the plan does not fit the model
 * @example
 * const inspector = await createInspector(model, blocksFor(plan, model));
 * const { dense, slimmed, kept } = await inspector.inspect(pixels);
 * await inspector.dispose();
 */
export async function createInspector(model: VitModel, plan: readonly BlockPlan[]): Promise<Inspector> {
  const { backend, config } = model;
  const classAttention = findScore('class-attention');
  const program = await compileOnImages(model, 1, (pixels) =>
    scope(backend, () => {
      const tokens = embed(model, pixels);
      const slimmed = runBlocks(model, tokens, { plan, capture: ['sources'] });
      const dense = runBlocks(model, tokens, { capture: classAttention.needs });
      const scores = classAttention.score(dense.captures, { config, seed: 0 });
      return {
        dense: classify(model, dense.state),
        slimmed: classify(model, slimmed.state),
        ...sourcesByBlock(slimmed.captures),
        ...Object.fromEntries(scores.map((score, block) => [`scores${block}`, score])),
      };
    }),
  );
  return {
    async inspect(pixels) {
      const outputs: Readonly<Record<string, HostTensor>> = await program.run({ images: pixels });
      const valuesOf = (name: string) => Float32Array.from(outputs[name]!.data);
      return {
        dense: valuesOf('dense'),
        slimmed: valuesOf('slimmed'),
        kept: computedRows(outputs, config.depth, 0),
        scores: range(config.depth).map((block) => valuesOf(`scores${block}`)),
      };
    },
    dispose: () => program.dispose(),
  };
}
