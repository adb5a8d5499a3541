/** Options for every reducer except `top-k`, for tests. A reducer without a row here is a type error. */

import type { BlockPlan } from '@patchslim/vit-models';
import { createReducer, type ReducerName, type ReducerOptions } from '../src/index.js';

type PairReducer = Exclude<ReducerName, 'top-k'>;
/** Options with which a reducer leaves `count` of `reaching` tokens. */
type OptionsFor<Name extends PairReducer> = (count: number, reaching: number) => ReducerOptions<Name>;

const rows: { readonly [Name in PairReducer]: { readonly [label: string]: OptionsFor<Name> } } = {
  ward: {
    '': () => ({}),
    ', on a checkerboard, norms kept': () => ({ deal: 'checkerboard', norms: 'kept' }),
  },
  pool: { '': () => ({}) },
  tome: { '': () => ({}) },
  pitome: { '': () => ({ margin: 0.3 }) },
  mctf: { '': () => ({}) },
  diffrate: {
    ', merging all': (_, reaching) => ({ kept: reaching }),
    ', dropping half': (count, reaching) => ({ kept: Math.floor((count + reaching) / 2) }),
    ', dropping all': (count) => ({ kept: count }),
  },
  tps: { '': () => ({}) },
  'zero-tprune': { '': () => ({ iterations: 3 }) },
};

/** A block that leaves `count` of `reaching` tokens. */
export type EntryOf = (count: number, reaching: number) => BlockPlan;

export const pairCases: readonly (readonly [label: string, entryOf: EntryOf])[] = Object.entries(
  rows,
).flatMap(([name, labelled]) =>
  Object.entries(labelled).map(([label, options]) => {
    const entryOf: EntryOf = (count, reaching) => {
      const reducer = createReducer(name as 'diffrate', (options as OptionsFor<'diffrate'>)(count, reaching));
      return { kind: 'reduce', count, reducer };
    };
    return [name + label, entryOf] as const;
  }),
);
