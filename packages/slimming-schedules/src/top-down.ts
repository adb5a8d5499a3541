/**
 * Algorithm 1 of the paper: from the output to the input, each block keeps the tokens of the next block, and adds its
 * most important tokens until the error one block above is within the tolerance. After each step the oracle may adapt
 * the block's weights (the algorithm's "fine-tune block l").
 */

import { findByName, PatchslimError, throwIfAborted, type LongCallOptions } from '@patchslim/tensor';
import { densePlan, prefixPositions, readsPatches, tokenCount, type BlockPlan } from '@patchslim/vit-models';
import {
  errorNorms,
  type ErrorNorm,
  type Schedule,
  type ScheduleResult,
  type SearchedBlock,
  type SlimmingOracle,
} from './schedule.js';
import { malformed, readNumber, type ScheduleFormat } from './schedule-format.js';
import { ascending, keepBlock, largest } from './selection.js';

/** Options of the paper's Algorithm 1. */
export interface TopDownOptions {
  /** ε: the error one block above at which a block has enough tokens. */
  readonly tolerance: number;
  /** r′: number of tokens that each step switches on. */
  readonly granularity: number;
  readonly norm: ErrorNorm;
}

/**
 * Algorithm 1 of the paper as a schedule: each block keeps the fewest tokens with an error above it within the
 * tolerance.
 *
 * @throws INVALID_ARGUMENT unless tolerance is finite and ≥ 0 and granularity is a positive integer
 */
export function topDownSchedule(options: TopDownOptions): Schedule {
  const { tolerance, granularity, norm } = options;
  if (!Number.isFinite(tolerance) || tolerance < 0 || !Number.isInteger(granularity) || granularity < 1) {
    throw new PatchslimError(
      'INVALID_ARGUMENT',
      `top-down schedule: expected tolerance ≥ 0 and granularity ≥ 1, got ${tolerance} and ${granularity}`,
    );
  }
  return {
    name: 'top-down',
    spec: `top-down:tolerance=${tolerance},granularity=${granularity},norm=${norm}`,
    needsErrors: true,
    plan: (oracle, callOptions) => planTopDown(oracle, options, callOptions),
  };
}

/** Algorithm 1. Comments name its lines; block `l` of the paper is `block + 1`. */
export async function planTopDown(
  oracle: SlimmingOracle,
  options: TopDownOptions,
  { signal, onProgress }: LongCallOptions = {},
): Promise<ScheduleResult> {
  const { config, keys, searched = [] } = oracle;
  if (readsPatches(config)) {
    const problem = `the head of ${config.name} reads every token, so there is no smallest set to begin with`;
    throw new PatchslimError(
      'INVALID_ARGUMENT',
      `top-down schedule: ${problem}; use budget, counts or keep-ratio`,
    );
  }
  const tokens = tokenCount(config);
  const plan = densePlan(config);
  const errors = plan.map((): number | null => null);
  let kept = prefixPositions(config); // m_L ← the class token
  plan[config.depth - 1] = keepBlock(kept, tokens, keys);
  const last = config.depth - 1;
  for (let block = last - 1; block >= 0; block--) {
    throwIfAborted(signal, 'planTopDown()');
    const earlier = searched[last - 1 - block];
    const result = earlier ?? (await searchBlock(oracle, block, kept, plan, options, signal));
    kept = [...result.kept];
    errors[block] = result.error;
    plan[block] = keepBlock(kept, tokens, keys);
    if (!earlier) await oracle.saveSearched?.(block, result);
    onProgress?.({ stage: 'plan', done: last - block, total: last, unit: 'blocks' });
  }
  return { plan, errors };
}

/** The tokens that one block keeps, at least those of the next block. The last step stays in `plan`. */
async function searchBlock(
  oracle: SlimmingOracle,
  block: number,
  deeper: readonly number[],
  plan: BlockPlan[],
  { tolerance, granularity, norm }: TopDownOptions,
  signal: AbortSignal | undefined,
): Promise<SearchedBlock> {
  const tokens = tokenCount(oracle.config);
  const scores = await oracle.scores(block, plan); // s_l on the calibration images
  for (let r = 0; ; r += granularity) {
    throwIfAborted(signal, 'planTopDown()');
    const kept = ascending(new Set([...deeper, ...largest(scores, r)])); // m_l ← m_{l+1}; switch on the r largest
    plan[block] = keepBlock(kept, tokens, oracle.keys);
    const dense = kept.length === tokens; // nothing is left to switch on
    if (dense && !oracle.learn) return { kept, error: 0 }; // the blocks above are unchanged
    if (!dense) await oracle.learn?.(block, plan); // fine-tune block l
    const error = await oracle.error(block + 1, plan, norm); // E_{l+1}
    if (Number.isNaN(error)) {
      const message = `planTopDown(): the error above block ${block + 1} is not a number`;
      throw new PatchslimError('NUMERICAL', message, { block });
    }
    if (dense || error <= tolerance) return { kept, error }; // while E_{l+1} > ε
  }
}

const usage = 'top-down:tolerance=0.02[,granularity=10][,norm=relative]';

export const topDownFormat: ScheduleFormat = {
  name: 'top-down',
  summary: "the paper's search for the fewest tokens within an error of each next block",
  usage,
  parse(text) {
    const options = { tolerance: Number.NaN, granularity: 10, norm: 'relative' as ErrorNorm };
    for (const part of text.split(',')) {
      const [key, value = ''] = part.split('=');
      if (key === 'tolerance' || key === 'granularity') options[key] = readNumber(value, usage);
      else if (key === 'norm') options.norm = findNorm(value);
      else malformed(text, usage);
    }
    return topDownSchedule(options);
  },
};

const findNorm = (text: string): ErrorNorm =>
  findByName(
    errorNorms.map((name) => ({ name })),
    text,
    'error norm',
  ).name;
