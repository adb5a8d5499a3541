/** Every reducer as plain loops for one image. To add one: write it, add one row here. */

import { createScore } from '@patchslim/importance-estimators';
import type { Reducer } from '@patchslim/vit-models';
import type { ReducerName, ReducerOptions } from '../src/index.js';
import { diffrate, mctf, pitome, pool, tome, tps, ward, zeroTPrune } from './plain-mergers.js';
import type { Known, Token } from './plain-tokens.js';
import { topK } from './plain-top-k.js';

interface PlainReducer<Options> {
  readonly phase: Reducer['phase'] | ((options: Options) => Reducer['phase']);
  /** @param now the tokens; after the attention, its result plus the residual */
  readonly reduce: (options: Options, count: number, now: readonly Token[], known: Known) => Token[];
}

const rows: { readonly [Name in ReducerName]: PlainReducer<ReducerOptions<Name>> } = {
  'top-k': {
    phase: ({ score, rest }) =>
      rest === 'fuse' || createScore(score).needsAttention ? 'after-attention' : 'before-queries',
    reduce: topK,
  },
  ward: { phase: 'before-queries', reduce: (_, ...rest) => ward(...rest) },
  pool: { phase: 'before-queries', reduce: (_, ...rest) => pool(...rest) },
  tome: { phase: 'after-attention', reduce: (_, ...rest) => tome(...rest) },
  pitome: { phase: 'after-attention', reduce: ({ margin }, ...rest) => pitome(...rest, margin) },
  mctf: { phase: 'after-attention', reduce: (_, ...rest) => mctf(...rest) },
  diffrate: { phase: 'after-attention', reduce: ({ kept }, ...rest) => diffrate(...rest, kept) },
  tps: { phase: 'after-attention', reduce: (_, ...rest) => tps(...rest) },
  'zero-tprune': {
    phase: 'after-attention',
    reduce: ({ iterations }, ...rest) => zeroTPrune(...rest, iterations),
  },
};

const rowOf = ({ name }: Reducer) => rows[name as ReducerName] as PlainReducer<Reducer['options']>;

export function plainPhase(reducer: Reducer): Reducer['phase'] {
  const { phase } = rowOf(reducer);
  return typeof phase === 'function' ? phase(reducer.options) : phase;
}

export function plainReduce(
  reducer: Reducer,
  count: number,
  now: readonly Token[],
  known: Known,
): readonly Token[] {
  return rowOf(reducer).reduce(reducer.options, count, now, known);
}
