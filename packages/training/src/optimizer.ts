/**
 * An optimiser is a function over tensors: one update of one parameter. Values that change from step to step are
 * tensors too, so a whole training step compiles once into one program.
 */

import type { Shape, Tensor } from '@patchslim/tensor';

/** A rule that updates a parameter from its gradient. */
export interface Optimizer {
  readonly name: string;
  /** Number of state tensors per parameter, in its shape; initially zeros. */
  readonly slots: number;
  /** Numbers that depend only on the step, `step` from 1; always the same count. */
  scalars(step: number): readonly number[];
  /**
   * Returns the new parameter and the new slots.
   * @param rate learning rate, `[1]`
   * @param scalars the result of `scalars` for this step, each `[1]`
   */
  update(
    param: Tensor,
    gradient: Tensor,
    slots: readonly Tensor[],
    rate: Tensor,
    scalars: readonly Tensor[],
  ): { param: Tensor; slots: readonly Tensor[] };
}

/** Whether a parameter is a matrix. Only matrices decay, as in DeiT's recipe: not biases, norms, class token and position embeddings. */
export const isMatrix = (shape: Shape): boolean => shape.length === 2;
