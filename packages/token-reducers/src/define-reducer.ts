/** A reducer as this package writes it down: its options as a schema, their defaults, and its behaviour. */

import type { Reducer, VitConfig } from '@patchslim/vit-models';
import * as z from 'zod/mini';

/** A reducer without its name and options. */
export type ReducerBehaviour = Omit<Reducer, 'name' | 'options'>;

/** A block that is to leave `count` of the `reaching` tokens. */
export interface ReducerPlace {
  readonly config: VitConfig;
  /** From 0. */
  readonly block: number;
  /** Tokens that reach the block. */
  readonly reaching: number;
  /** Tokens that leave it. */
  readonly count: number;
}

type Options<Shape extends z.core.$ZodShape> = z.output<z.ZodMiniObject<Shape>>;

/** A reducer, as `defineReducer` takes it. */
export interface ReducerParts<Name extends string, Shape extends z.core.$ZodShape> {
  /** As plan files hold it. */
  readonly name: Name;
  /** One line for people. */
  readonly summary: string;
  /** The schema of each option; plan files hold the options beside the name. None when left out. */
  readonly options?: Shape;
  /** Default options for a block. */
  optionsAt?(place: ReducerPlace): Partial<Options<Shape>>;
  /** Tokens left by each block in the schedule of its paper; undefined when that has none for the model. */
  countsOf?(config: VitConfig): readonly number[] | undefined;
  behaviour(options: Options<Shape>): ReducerBehaviour;
}

/**
 * Defines a reducer.
 *
 * @example
 * const pool = defineReducer({ name: 'pool', summary: 'pools neighbours', behaviour: () => ({ phase: 'before-queries', … }) });
 */
export function defineReducer<
  const Name extends string,
  Shape extends z.core.$ZodShape = Record<never, never>,
>(parts: ReducerParts<Name, Shape>) {
  const { name, summary } = parts;
  const shape = (parts.options ?? {}) as Shape;
  return {
    name,
    summary,
    /** The schema of each option. */
    options: shape,
    /** Of its data in a plan. */
    schema: z.strictObject({ name: z.literal(name), ...shape }),
    /** Whether every option has a default somewhere. */
    hasDefaults: parts.optionsAt !== undefined || z.safeParse(z.object(shape), {}).success,
    optionsAt: (place: ReducerPlace): Partial<Options<Shape>> => parts.optionsAt?.(place) ?? {},
    countsOf: (config: VitConfig): readonly number[] | undefined => parts.countsOf?.(config),
    create: (options: Options<Shape>): Reducer => ({ name, options, ...parts.behaviour(options) }),
  };
}
