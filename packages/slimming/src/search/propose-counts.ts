/** Counts near given ones that cost as much: some blocks get tokens, others pay for them. */

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

/** Neighbouring blocks that change together, at most. */
const longestRun = 3;

/**
 * Draws a run of blocks whose counts rise or fall by `step`, and another run that takes the opposite as far as the budget
 * asks or allows. A block that comes to leave as many tokens as reach it selects nothing any more; one that did not
 * select, and falls, does. The last block stays as it is.
 * @returns undefined where the draw leads to nothing new that fits
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
  // From the most that the budget may allow downwards: the first that fits spends the most.
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

/** No block leaves more than reach it: a run cannot rise above the block before it, and blocks behind one that falls give way. */
function shifted(counts: readonly number[], blocks: readonly number[], by: number, tokens: number): number[] {
  let reaching = tokens;
  return counts.map((count, block) => {
    reaching = Math.min(reaching, blocks.includes(block) ? count + by : count);
    return reaching;
  });
}
