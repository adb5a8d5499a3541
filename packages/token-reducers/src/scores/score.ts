/** A score as this package writes it down: its name, its data as a schema, and how it scores the rows of a block. */

import type { Tensor } from '@patchslim/tensor';
import type { BlockView, VitConfig } from '@patchslim/vit-models';
import * as z from 'zod/mini';

/** How a score works inside the running network. `n_in` rows reach the block. */
export interface ScoreBehaviour {
  /** Whether it reads the attention of every token. */
  readonly needsAttention: boolean;
  /** `[B, n_in]`; the scores of the prefix tokens are not read. */
  readonly scores: (view: BlockView, rowsOut: number) => Tensor;
  /** The running mean of class attention that it leaves to the next block, if it does: `[B, n_in, 1]`. */
  readonly globalClassAttention?: (view: BlockView) => Tensor;
  /** Says why it cannot run in a model, if it cannot. */
  readonly problem?: (config: VitConfig) => string | undefined;
  /** Multiply-accumulates for one image. */
  readonly macs: (config: VitConfig, rowsIn: number) => number;
}

/**
 * Defines a score of `top-k`.
 * @param name as plan files hold it
 * @param shape schema of the data beside the name
 * @param behaviour of the score with given data
 */
export function defineScore<const Name extends string, Shape extends z.core.$ZodShape>(
  name: Name,
  shape: Shape,
  behaviour: (data: z.output<z.ZodMiniObject<Shape>>) => ScoreBehaviour,
) {
  return {
    name,
    /** Of its data in a plan. */
    schema: z.strictObject({ name: z.literal(name), ...shape }),
    create(data: z.output<z.ZodMiniObject<Shape>>): ScoreBehaviour {
      return behaviour(data);
    },
  };
}
