/** Every reducer as plain loops for one image. To add one: write it, add one row here. */

import { diffrate, mctf, pitome, pool, tome, tps, ward, zeroTPrune, type WardOptions } from './mergers.js';
import type { PlainReducerData } from './network.js';
import type { Known, Token } from './tokens.js';
import { ofAllAttention, topK, type TopKOptions } from './top-k.js';

type Phase = 'before-queries' | 'after-attention';

interface PlainReducer<Options> {
  readonly phase: Phase | ((options: Options) => Phase);
  /** @param now the tokens; after the attention, its result plus the residual */
  readonly reduce: (options: Options, count: number, now: readonly Token[], known: Known) => Token[];
}

/** The loops of each reducer, by its name. */
const rows = {
  'top-k': {
    phase: ({ score, rest }: TopKOptions) =>
      rest === 'fuse' || ofAllAttention.includes(score.name) ? 'after-attention' : 'before-queries',
    reduce: topK,
  } satisfies PlainReducer<TopKOptions>,
  ward: { phase: 'before-queries', reduce: ward } satisfies PlainReducer<WardOptions>,
  pool: withoutOptions('before-queries', pool),
  tome: withoutOptions('after-attention', tome),
  pitome: {
    phase: 'after-attention',
    reduce: ({ margin }, ...rest) => pitome(...rest, margin),
  } satisfies PlainReducer<{ readonly margin: number }>,
  mctf: withoutOptions('after-attention', mctf),
  diffrate: {
    phase: 'after-attention',
    reduce: ({ kept }, ...rest) => diffrate(...rest, kept),
  } satisfies PlainReducer<{ readonly kept: number }>,
  tps: withoutOptions('after-attention', tps),
  'zero-tprune': {
    phase: 'after-attention',
    reduce: ({ iterations }, ...rest) => zeroTPrune(...rest, iterations),
  } satisfies PlainReducer<{ readonly iterations: number }>,
};

function withoutOptions(
  phase: Phase,
  reduce: (count: number, now: readonly Token[], known: Known) => Token[],
): PlainReducer<object> {
  return { phase, reduce: (_, ...rest) => reduce(...rest) };
}

/** The names of the reducers that have loops. */
export const plainReducerNames: readonly string[] = Object.keys(rows);

function loopsOf({ name }: PlainReducerData): PlainReducer<PlainReducerData['options']> {
  if (!plainReducerNames.includes(name)) throw new Error(`no plain loops for the reducer ${name}`);
  return rows[name as keyof typeof rows] as PlainReducer<PlainReducerData['options']>;
}

export function plainPhase(reducer: PlainReducerData): Phase {
  const { phase } = loopsOf(reducer);
  return typeof phase === 'function' ? phase(reducer.options) : phase;
}

export function plainReduce(
  reducer: PlainReducerData,
  count: number,
  now: readonly Token[],
  known: Known,
): readonly Token[] {
  return loopsOf(reducer).reduce(reducer.options, count, now, known);
}
