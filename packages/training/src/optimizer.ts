/**
 * An optimiser as a function over tensors: one update of one parameter. What changes from step to step comes in as
 * tensors, so a whole training step compiles once into one program.
 */

import type { Shape, Tensor } from '@patchslim/tensor';

/** A rule by which a parameter follows its gradient. */
export interface Optimizer {
  readonly name: string;
  /** Tensors of the parameter's shape that the optimiser keeps for each parameter; zeros at first. */
  readonly slots: number;
  /** Numbers that depend on the step alone, `step` from 1; always equally many. */
  scalars(step: number): readonly number[];
  /**
   * The new parameter and the new slots.
   * @param rate learning rate, `[1]`
   * @param scalars what `scalars` gave for this step, each `[1]`
   */
  update(
    param: Tensor,
    gradient: Tensor,
    slots: readonly Tensor[],
    rate: Tensor,
    scalars: readonly Tensor[],
  ): { param: Tensor; slots: readonly Tensor[] };
}

/** Weight decay is for matrices; biases, norms, class token and position embeddings go without, as in DeiT's recipe. */
export const decays = (shape: Shape): boolean => shape.length === 2;
