/** Reducers by name. */

import { findByName } from '@patchslim/tensor';
import type { Reducer, VitConfig } from '@patchslim/vit-models';
import * as z from 'zod/mini';
import type { ReducerPlace } from './define-reducer.js';
import * as list from './list.js';

type Entry = (typeof list)[keyof typeof list];
const table: readonly Entry[] = Object.values(list);

type ReducerSchema = Entry['schema'];

/** A reducer as a plan file holds it: its name and its options. */
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

/** A reducer by name, before it has its options. */
export interface ReducerDefinition {
  readonly name: ReducerName;
  /** One line for people. */
  readonly summary: string;
  /** The schema of each option. */
  readonly options: Readonly<Record<string, z.core.$ZodType>>;
  /** Of its data in a plan. */
  readonly schema: z.ZodMiniType;
  /** Whether it can do without options that are given: each has a default. */
  readonly hasDefaults: boolean;
  /** Default options for a block. Options without a default are left out. */
  optionsAt(place: ReducerPlace): Readonly<Record<string, unknown>>;
  /** Tokens left by each block in the schedule of its paper; undefined when that has none for the model. */
  countsOf(config: VitConfig): readonly number[] | undefined;
  /** @param options of the schema, without the name */
  create(options: Readonly<Record<string, unknown>>): Reducer;
}

/** Every reducer, in alphabetical order. The plan format is made of their schemas. */
export const reducers: readonly ReducerDefinition[] = table;

/**
 * A reducer by its name.
 *
 * @throws UNKNOWN_NAME, with the names there are
 */
export const findReducer = (name: string): ReducerDefinition => findByName(reducers, name, 'reducer');

/**
 * Makes a reducer. Options that do not fit a model are refused when a plan is checked against it.
 *
 * @throws UNKNOWN_NAME, with the names there are
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
