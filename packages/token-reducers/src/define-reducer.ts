/** Definition of a reducer: the schema of its options, their defaults, and its behaviour. */

import type { Reducer, VitConfig } from '@patchslim/vit-models';
import * as z from 'zod/mini';

/** A reducer without its name and options. */
export type ReducerBehaviour = Omit<Reducer, 'name' | 'options'>;

/** The place of a reducer: a block that leaves `count` of the `reaching` tokens. */
export interface ReducerPlace {
  readonly config: VitConfig;
  /** Index of the block, from 0. */
  readonly block: number;
  /** Tokens that reach the block. */
  readonly reaching: number;
  /** Tokens that leave it. */
  readonly count: number;
}

type Options<Shape extends z.core.$ZodShape> = z.output<z.ZodMiniObject<Shape>>;

/** A reducer, as `defineReducer` takes it. */
export interface ReducerParts<Name extends string, Shape extends z.core.$ZodShape> {
  /** The name in plan files. */
  readonly name: Name;
  /** One-line description. */
  readonly summary: string;
  /** The schema of each option. Plan files store the options beside the name. Default: no options. */
  readonly options?: Shape;
  /** Default options for a block. */
  optionsAt?(place: ReducerPlace): Partial<Options<Shape>>;
  /** Tokens that each block leaves in the paper's schedule. Undefined if the paper has none for the model. */
  countsOf?(config: VitConfig): readonly number[] | undefined;
  /**
   * Whether few blocks that remove many tokens lose no more than many blocks that remove few (measured: docs/guide/experiments.md).
   * Then the schedule `budget` removes tokens in fewer blocks, which takes less time.
   */
  readonly fewBlocks?: boolean;
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
    /** Schema of its data in a plan. */
    schema: z.strictObject({ name: z.literal(name), ...shape }),
    /** Whether every option has a default. */
    hasDefaults: parts.optionsAt !== undefined || z.safeParse(z.object(shape), {}).success,
    optionsAt: (place: ReducerPlace): Partial<Options<Shape>> => parts.optionsAt?.(place) ?? {},
    countsOf: (config: VitConfig): readonly number[] | undefined => parts.countsOf?.(config),
    fewBlocks: parts.fewBlocks ?? false,
    create: (options: Options<Shape>): Reducer => ({ name, options, ...parts.behaviour(options) }),
  };
}
