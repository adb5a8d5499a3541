/** Searches counts within a budget with the smallest divergence on some images. */

import {
  budgetCounts,
  everyNth,
  isTooSmallBudget,
  thinning,
  type BudgetShape,
  type CostOf,
} from '@patchslim/slimming-schedules';
import { createRandom, isPatchslimError, throwIfAborted, type LongCallOptions } from '@patchslim/tensor';
import { prefixTokens, tokenCount, traceCounts, type VitConfig } from '@patchslim/vit-models';
import { planOfCounts, type BlockOf } from '../counted-plan.js';
import type { Saved } from '../job/saved.js';
import { proposeCounts } from './propose-counts.js';
import type { CountWalk } from './walk-counts.js';

export interface SearchCountsOptions extends LongCallOptions {
  readonly costOf: CostOf;
  /** The budget, in the unit of `costOf`. */
  readonly most: number;
  readonly seed: number;
  /** Largest number of rounds; the search stops earlier when small steps no longer improve. @default 16 */
  readonly rounds?: number;
  /** Place for measurements, so that an interrupted search can continue. */
  readonly saved: Saved;
}

export interface FoundCounts {
  readonly counts: readonly number[];
  /** Divergence on all images of the walk. */
  readonly divergence: number;
  /** Number of different counts that were tried. */
  readonly candidates: number;
}

/** Counts drawn per round. */
const drawn = 12;
/** Largest number of draws for one of them, because not every draw fits. */
const attempts = 20;
/** Images for a first comparison of all candidates; the best continue on all images. */
const fewImages = 32;
const finalists = 2;
/** The shapes that the search can start from. */
const startingShapes = [...[1, 2, 3, 4].map(everyNth), thinning];

/**
 * Starts from the best of `start` and the counts of other shapes. It then moves tokens between blocks, in steps that halve when
 * a round does not improve. Every candidate is within the budget. The result is never worse than `start` on the images of the
 * walk. The same seed gives the same counts.
 * @throws ABORTED; errors of the walk
 */
export async function searchCounts(
  walk: CountWalk,
  config: VitConfig,
  blockOf: BlockOf,
  start: readonly number[],
  options: SearchCountsOptions,
): Promise<FoundCounts> {
  const { costOf, most, seed, rounds = 16, signal, onProgress } = options;
  const measured = await openMeasured(options.saved);
  const tokens = tokenCount(config);
  const looked = new Set<string>();
  const fits = (counts: readonly number[]) => isPossible(config, counts, blockOf) && costOf(counts) <= most;
  const measure = async (candidates: readonly (readonly number[])[], images?: number) => {
    for (const counts of candidates) looked.add(counts.join());
    return divergencesOf(walk, candidates, images, measured);
  };
  const steps = (done: number) =>
    onProgress?.({ stage: 'search counts', done, total: rounds + 1, unit: 'steps' });

  const others = startingShapes.flatMap((shape) => countsIn(config, most, costOf, shape)).filter(fits);
  const shapes = [start, ...others.filter((counts) => counts.join() !== start.join())];
  let best = bestOf(shapes, await measure(shapes));
  steps(1);
  let step = Math.max(1, Math.round((tokens - prefixTokens(config)) / 12));
  for (let round = 0; round < rounds && step >= 1; round++) {
    throwIfAborted(signal, 'searchCounts()');
    // A separate generator per round, so that its draws depend only on the counts that the round starts with.
    const random = createRandom(seed * 1_000_003 + round);
    const candidates = new Map<string, number[]>();
    for (let i = 0; i < drawn * attempts && candidates.size < drawn; i++) {
      const candidate = proposeCounts(best.counts, { random, tokens, step, fits });
      if (candidate) candidates.set(candidate.join(), candidate);
    }
    const all = [...candidates.values()];
    const quick = walk.images > fewImages ? ranked(all, await measure(all, fewImages)) : all;
    const last = quick.slice(0, walk.images > fewImages ? finalists : all.length);
    const found = last.length > 0 ? bestOf(last, await measure(last)) : best;
    if (found.divergence < best.divergence) best = found;
    else step = step === 1 ? 0 : Math.ceil(step / 2);
    steps(round + 2);
  }
  steps(rounds + 1);
  return { ...best, candidates: looked.size };
}

/**
 * Whether a plan can have these counts. As in a schedule, a block leaves at least half of the patches that reach it.
 */
function isPossible(config: VitConfig, counts: readonly number[], blockOf: BlockOf): boolean {
  const prefix = prefixTokens(config);
  const inner = counts.slice(0, -1);
  const halves = inner.every((count, block) => {
    const reaching = inner[block - 1] ?? tokenCount(config);
    return count > prefix && count <= reaching && count - prefix >= (reaching - prefix) / 2;
  });
  if (!halves) return false;
  try {
    traceCounts(config, planOfCounts(config, counts, blockOf));
    return true;
  } catch (error) {
    if (isPatchslimError(error, 'PLAN_INVALID')) return false;
    throw error;
  }
}

/** The counts of a shape; none if so few blocks cannot remove enough. */
function countsIn(config: VitConfig, most: number, costOf: CostOf, shape: BudgetShape): number[][] {
  try {
    return [budgetCounts(config, most, costOf, shape)];
  } catch (error) {
    if (isTooSmallBudget(error) || isPatchslimError(error, 'PLAN_INVALID')) return [];
    throw error;
  }
}

export const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

/** Divergences by counts and number of images. */
interface Measured {
  readonly values: Map<string, number>;
  save(): Promise<void>;
}

async function openMeasured(saved: Saved): Promise<Measured> {
  const name = 'measured-counts';
  const entry = await saved.read(name);
  const values = new Map(Object.entries((entry?.value ?? {}) as Record<string, number>));
  return { values, save: () => saved.write(name, Object.fromEntries(values)) };
}

/** Means over the images. Earlier measurements are reused. */
async function divergencesOf(
  walk: CountWalk,
  candidates: readonly (readonly number[])[],
  images: number | undefined,
  measured: Measured,
): Promise<number[]> {
  const nameOf = (counts: readonly number[]) => `${images ?? 'all'}: ${counts.join()}`;
  const missing = candidates.filter((counts) => !measured.values.has(nameOf(counts)));
  if (missing.length > 0) {
    const found = await walk.divergences(missing, images);
    for (const [i, counts] of missing.entries()) measured.values.set(nameOf(counts), mean(found[i]!));
    await measured.save();
  }
  return candidates.map((counts) => measured.values.get(nameOf(counts))!);
}

function bestOf(candidates: readonly (readonly number[])[], divergences: readonly number[]) {
  const best = divergences.indexOf(Math.min(...divergences));
  return { counts: candidates[best]!, divergence: divergences[best]! };
}

function ranked<T>(candidates: readonly T[], divergences: readonly number[]): T[] {
  const order = candidates.map((_, i) => i).sort((a, b) => divergences[a]! - divergences[b]!);
  return order.map((i) => candidates[i]!);
}
