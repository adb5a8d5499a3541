/**
 * Algorithm 1 of the paper: from the output to the input, each block keeps what the next one keeps and as many more of
 * its most important tokens as bring the error one block above down to the tolerance. Learning inside the loop (the
 * algorithm's "fine-tune block l") is not here yet.
 */

import { PatchslimError, throwIfAborted, type LongCallOptions } from '@patchslim/tensor';
import { densePlan, prefixPositions, tokenCount } from '@patchslim/vit-models';
import type { ErrorNorm, Schedule, ScheduleResult, SlimmingOracle } from './schedule.js';
import { ascending, keepBlock, largest } from './selection.js';

export interface TopDownOptions {
  /** ε: the error one block above at which a block has enough tokens. */
  readonly tolerance: number;
  /** r′: how many more tokens each try switches on. */
  readonly granularity: number;
  readonly norm: ErrorNorm;
}

/** @throws INVALID_ARGUMENT unless tolerance is finite and ≥ 0 and granularity is a positive integer */
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
  { tolerance, granularity, norm }: TopDownOptions,
  { signal, onProgress }: LongCallOptions = {},
): Promise<ScheduleResult> {
  const { config, keys } = oracle;
  const tokens = tokenCount(config);
  const plan = densePlan(config);
  const errors = plan.map((): number | null => null);
  let kept = prefixPositions(config); // m_L ← the class token
  plan[config.depth - 1] = keepBlock(kept, tokens, keys);
  for (let block = config.depth - 2; block >= 0; block--) {
    const scores = await oracle.scores(block, plan); // s_l on the calibration images
    const deeper = kept; // m_l ← m_{l+1}
    for (let r = 0; ; r += granularity) {
      throwIfAborted(signal, 'planTopDown()');
      kept = ascending(new Set([...deeper, ...largest(scores, r)])); // switch on the r largest
      plan[block] = keepBlock(kept, tokens, keys);
      if (kept.length === tokens) break; // nothing is left to switch on: the block is dense, its error zero
      const error = await oracle.error(block + 1, plan, norm); // E_{l+1}
      if (Number.isNaN(error)) {
        throw new PatchslimError(
          'NUMERICAL',
          `planTopDown(): the error above block ${block + 1} is not a number`,
          {
            block,
          },
        );
      }
      errors[block] = error;
      if (error <= tolerance) break; // while E_{l+1} > ε
    }
    if (kept.length === tokens) errors[block] = 0;
    onProgress?.({ stage: 'plan', done: config.depth - 1 - block, total: config.depth - 1, unit: 'blocks' });
  }
  return { plan, errors };
}
