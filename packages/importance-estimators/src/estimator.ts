/**
 * What an estimator is: scores that say which tokens matter at a block. Larger is more important. A score is per image
 * (run-time use); static use averages it over images.
 *
 * Shapes: `B` images, `N` tokens incl. class token, `H` heads, `D` width; `n_in`/`n_out` rows that reach a block and
 * rows it computes (both `N` in a dense block).
 */

import { scope, tensorsIn, type Tensor } from '@patchslim/tensor';
import type { BlockCapture, CaptureKind, VitConfig } from '@patchslim/vit-models';

/** What a score may depend on besides captures. */
export interface ScoreContext {
  readonly config: VitConfig;
  /** For estimators that draw lots. */
  readonly seed: number;
}

/** A way to score the tokens of every block; a larger score is a token that matters more. */
export interface Estimator {
  readonly name: string;
  /** One line for people. */
  readonly description: string;
  /** What the forward pass must capture in every block handed in; nothing else is computed. */
  readonly needs: readonly CaptureKind[];
  /**
   * Whether the score of a block looks at deeper blocks. Such an estimator differs between dense and slimmed
   * attention; for the others the two are one.
   */
  readonly looksDeeper: boolean;
  /**
   * Scores of consecutive blocks up to the last one of the model: one `[B, n_out]` per capture, over the rows that its
   * block computes (`tokens.kept`). The caller owns them; nothing else is left behind.
   * @throws INVALID_ARGUMENT when a block was run without a capture that `needs` names
   */
  score(captures: readonly BlockCapture[], context: ScoreContext): readonly Tensor[];
}

/** Completes an estimator: what its `score` makes on the way is disposed. */
export function defineEstimator(definition: Estimator): Estimator {
  return {
    ...definition,
    score(captures, context) {
      const run = () => definition.score(captures, context);
      const backend = tensorsIn(captures)[0]?.backend;
      return backend ? scope(backend, run) : run();
    },
  };
}
