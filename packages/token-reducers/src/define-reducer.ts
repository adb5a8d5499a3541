/** A reducer as this package writes it down: its name, its options as a schema, and what it does with them. */

import type { Reducer } from '@patchslim/vit-models';
import * as z from 'zod/mini';

/** A reducer without its name and options. */
export type ReducerBehaviour = Omit<Reducer, 'name' | 'options'>;

/**
 * Defines a reducer.
 * @param name as plan files hold it
 * @param shape schema of each option; plan files hold the options beside the name
 * @param behaviour of the reducer with given options
 */
export function defineReducer<const Name extends string, Shape extends z.core.$ZodShape>(
  name: Name,
  shape: Shape,
  behaviour: (options: z.output<z.ZodMiniObject<Shape>>) => ReducerBehaviour,
) {
  return {
    name,
    /** Of its data in a plan. */
    schema: z.strictObject({ name: z.literal(name), ...shape }),
    create(options: z.output<z.ZodMiniObject<Shape>>): Reducer {
      return { name, options, ...behaviour(options) };
    },
  };
}
