/** Proposes counts of equal cost near given ones: some blocks gain tokens, others lose them. */

import { range, type Random } from '@patchslim/tensor';

export interface ProposalOptions {
  readonly random: Random;
  /** Tokens that reach the first block. */
  readonly tokens: number;
  /** Tokens that a block gains or loses. */
  readonly step: number;
  /** Whether counts are possible and within the budget. */
  readonly fits: (counts: readonly number[]) => boolean;
}

/** Largest number of neighbouring blocks that change together. */
const longestRun = 3;

/**
 * Draws a run of blocks whose counts rise or fall by `step`, and another run that changes the opposite way, as far as
 * the budget requires or allows. A block that now leaves all tokens that reach it stops selecting; a block whose
 * count falls starts selecting. The last block is unchanged.
 * @returns undefined if the draw gives no new counts that fit
 */
export function proposeCounts(
  counts: readonly number[],
  { random, tokens, step, fits }: ProposalOptions,
): number[] | undefined {
  const depth = counts.length - 1;
  const moved = drawRun(depth, random);
  const paying = drawRun(depth, random).filter((block) => !moved.includes(block));
  const direction = random() < 0.5 ? step : -step;
  const changed = shifted(counts, moved, direction, tokens);
  // Tries the largest change first: the first that fits uses the budget best.
  for (let shift = 2 * step; shift >= -4 * step; shift--) {
    const candidate = shifted(changed, paying, shift, tokens);
    if (fits(candidate)) return candidate.join() === counts.join() ? undefined : candidate;
    if (paying.length === 0) break;
  }
  return undefined;
}

function drawRun(depth: number, random: Random): number[] {
  const first = Math.floor(random() * depth);
  const length = 1 + Math.floor(random() * Math.min(longestRun, depth - first));
  return range(length).map((i) => first + i);
}

/**
 * No block leaves more tokens than reach it: a run cannot rise above the block before it, and blocks after a falling
 * one fall too.
 */
function shifted(counts: readonly number[], blocks: readonly number[], by: number, tokens: number): number[] {
  let reaching = tokens;
  return counts.map((count, block) => {
    reaching = Math.min(reaching, blocks.includes(block) ? count + by : count);
    return reaching;
  });
}
