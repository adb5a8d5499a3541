/** `top-k` as plain loops for one image. */

import type { ScoreData } from '@patchslim/importance-estimators';
import { plainScores, type PlainRows } from '@patchslim/testing';
import type { ReducerOptions } from '../src/index.js';
import { downwards, total, without, type Known, type Token } from './plain-tokens.js';

/** @param now the tokens, or the result of the attention */
export function topK(
  { score, rest }: ReducerOptions<'top-k'>,
  count: number,
  now: readonly Token[],
  known: Known,
): Token[] {
  const { prefix } = known;
  const scores = scoresOf(score, count - prefix, known);
  const order = downwards(scores.slice(prefix)).map((i) => i + prefix);
  const kept = order.slice(0, count - prefix - (rest === 'fuse' ? 1 : 0));
  const others = order.slice(kept.length);
  const followed = now.map((token, i) =>
    score.name === 'global-class-attention' ? { ...token, attended: scores[i]! } : without(token),
  );
  const best = [...followed.slice(0, prefix), ...kept.map((i) => followed[i]!)];
  if (rest !== 'fuse') return best;
  const first = followed[others[0]!]!;
  const fused: Token = {
    ...first,
    x: first.x.map((_, c) => total(others.map((i) => scores[i]! * now[i]!.x[c]!))),
    members: others.flatMap((i) => now[i]!.members),
    ...(first.attended === undefined ? {} : { attended: total(others.map((i) => followed[i]!.attended!)) }),
  };
  return [...best, fused];
}

/** Uses the loops of the score tests. A score without a row there is a type error. */
function scoresOf(score: ScoreData, leaves: number, known: Known): number[] {
  const { config, prefix, tokens, values, attention } = known;
  const rows: PlainRows = {
    heads: config.heads,
    prefix,
    leaves,
    input: tokens.map(({ x }) => x),
    values,
    attention,
    positions: tokens.map(({ position }) => position),
    attended: tokens.map(({ attended }) => attended),
  };
  return score.name === 'predictor' ? plainScores.predictor(rows, score) : plainScores[score.name](rows);
}
