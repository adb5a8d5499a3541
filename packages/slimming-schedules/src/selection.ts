/** Selection of tokens by scores and a count. */

import type { BlockPlan, Keys } from '@patchslim/vit-models';

/** Mean importance of each token position, `[N]`. */
export type Scores = ArrayLike<number>;

/** The `count` positions with the largest scores. Ties: the lower position. */
export function largest(scores: Scores, count: number): number[] {
  return Array.from(scores, (score, position) => ({ score, position }))
    .sort((a, b) => b.score - a.score || a.position - b.position)
    .slice(0, count)
    .map(({ position }) => position);
}

/** `required`, filled up to `count` with the largest scores among the others, ascending. */
export function fillUp(required: readonly number[], scores: Scores, count: number): number[] {
  const chosen = new Set(required);
  for (const position of largest(scores, scores.length)) {
    if (chosen.size >= count) break;
    chosen.add(position);
  }
  return ascending(chosen);
}

export const ascending = (positions: Iterable<number>): number[] => [...positions].sort((a, b) => a - b);

/** A block that keeps `keep` of `tokens` tokens; dense if these are all tokens. */
export function keepBlock(keep: readonly number[], tokens: number, keys: Keys): BlockPlan {
  return keep.length === tokens ? { kind: 'dense' } : { kind: 'keep', keep, keys };
}
