/** `top-k` as plain loops for one image. */

import { downwards, total } from './numbers.js';
import { plainScores, type PlainRows, type PredictorOptions } from './scores.js';
import { without, type Known, type Token } from './tokens.js';

export interface TopKOptions {
  readonly score:
    { readonly name: keyof typeof plainScores } | ({ readonly name: 'predictor' } & PredictorOptions);
  readonly rest?: 'fuse' | undefined;
}

/** Scores that read the attention of every token, and so come behind it. */
export const ofAllAttention: readonly string[] = ['attention-norm', 'attention-received'];

/** @param now the tokens, or the result of the attention */
export function topK(
  { score, rest }: TopKOptions,
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

function scoresOf(score: TopKOptions['score'], leaves: number, known: Known): number[] {
  const { config, prefix, tokens, values, attention, classAttention } = known;
  const rows: PlainRows = {
    heads: config.heads,
    prefix,
    leaves,
    input: tokens.map(({ x }) => x),
    values,
    attention,
    classAttention,
    positions: tokens.map(({ position }) => position),
    attended: tokens.map(({ attended }) => attended),
  };
  return 'weights' in score
    ? plainScores.predictor(rows, score)
    : plainScores[score.name as Exclude<typeof score.name, 'predictor'>](rows);
}
