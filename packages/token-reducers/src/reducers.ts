/** Reducers by name. */

import { findByName } from '@patchslim/tensor';
import type { Reducer, VitConfig } from '@patchslim/vit-models';
import * as z from 'zod/mini';
import type { ReducerPlace } from './define-reducer.js';
import * as list from './list.js';

type Entry = (typeof list)[keyof typeof list];
const table: readonly Entry[] = Object.values(list);

type ReducerSchema = Entry['schema'];

/** A reducer in a plan file: its name and its options. */
export type ReducerData = z.output<ReducerSchema>;
/** The names of the reducers. */
export type ReducerName = ReducerData['name'];
/** The options of one reducer. */
export type ReducerOptions<Name extends ReducerName> = Omit<Extract<ReducerData, { name: Name }>, 'name'>;

/** The schema of a reducer's data. */
export const reducerSchema: z.ZodMiniType<ReducerData> = z.discriminatedUnion(
  'name',
  table.map(({ schema }) => schema) as unknown as readonly [ReducerSchema, ...ReducerSchema[]],
);

/** A reducer by name, still without options. */
export interface ReducerDefinition {
  readonly name: ReducerName;
  /** One-line description. */
  readonly summary: string;
  /** The schema of each option. */
  readonly options: Readonly<Record<string, z.core.$ZodType>>;
  /** Schema of its data in a plan. */
  readonly schema: z.ZodMiniType;
  /** Whether the reducer needs no options from the caller: each has a default. */
  readonly hasDefaults: boolean;
  /** Default options for a block. Options without a default are missing. */
  optionsAt(place: ReducerPlace): Readonly<Record<string, unknown>>;
  /** Tokens that each block leaves in the paper's schedule. Undefined if the paper has none for the model. */
  countsOf(config: VitConfig): readonly number[] | undefined;
  /** Whether few blocks that remove many tokens lose no more than many blocks that remove few. */
  readonly fewBlocks: boolean;
  /** @param options of the schema, without the name */
  create(options: Readonly<Record<string, unknown>>): Reducer;
}

/** Every reducer, in alphabetical order. Their schemas define the plan format. */
export const reducers: readonly ReducerDefinition[] = table;

/**
 * Finds a reducer by its name.
 *
 * @throws UNKNOWN_NAME, with the known names
 */
export const findReducer = (name: string): ReducerDefinition => findByName(reducers, name, 'reducer');

/**
 * Creates a reducer. A plan check against a model refuses options that do not fit it.
 *
 * @throws UNKNOWN_NAME, with the known names
 * @example
 * createReducer('tome');
 * createReducer('pitome', { margin: 0.9 });
 * createReducer('top-k', { score: { name: 'class-attention' }, rest: 'fuse' });
 */
export function createReducer<Name extends ReducerName>(
  name: Name,
  ...[options]: Record<string, never> extends ReducerOptions<Name>
    ? [options?: ReducerOptions<Name>]
    : [options: ReducerOptions<Name>]
): Reducer {
  return findReducer(name).create({ ...options });
}
