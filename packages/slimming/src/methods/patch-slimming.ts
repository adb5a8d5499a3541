/**
 * The paper's method: every image keeps the same patches. A score averaged over images ranks the patches. The
 * schedule decides how many each block keeps; the top-down search decides by the error one block above.
 */

import { findScore, type Score } from '@patchslim/importance-estimators';
import { topDownSchedule, type PlanStep } from '@patchslim/slimming-schedules';
import { findByName, PatchslimError } from '@patchslim/tensor';
import { readsPatches, type Keys } from '@patchslim/vit-models';
import { firstTokens } from '../counted-plan.js';
import { imagesOf, type Job } from '../job/job.js';
import { createOracle, type DeeperBlocks } from '../oracle.js';
import type { Method, PlannedBlocks, MethodRequest } from './method.js';

/** Options of `patchSlimming`. */
export interface PatchSlimmingOptions {
  /** @default impact */
  readonly score?: Score | undefined;
  /** Whether the blocks after the scored one are dense, or already slimmed as in the paper. @default 'dense' */
  readonly deeperBlocks?: DeeperBlocks | undefined;
  /**
   * Whether removed tokens leave the network, or still serve as keys and values (both readings of Eq. 2). @default
   * 'compact'
   */
  readonly keys?: Keys | undefined;
}

/** Loses little accuracy without adapting weights; for the experiments see docs/guide/experiments.md. */
const usualSchedule = topDownSchedule({ tolerance: 0.005, granularity: 10, norm: 'relative' });

const settingValues = { deeperBlocks: ['dense', 'slimmed'], keys: ['compact', 'all'] } as const;

/**
 * Patch Slimming with a score, and one of the readings of the paper.
 *
 * @example
 * await slim(model, images, { method: patchSlimming({ score: findScore('rollout') }) });
 */
export function patchSlimming({
  score = findScore('impact'),
  deeperBlocks = 'dense',
  keys = 'compact',
}: PatchSlimmingOptions = {}): Method {
  const settings = [
    ...(score.name === 'impact' ? [] : [`score=${score.name}`]),
    ...(deeperBlocks === 'dense' ? [] : [`deeperBlocks=${deeperBlocks}`]),
    ...(keys === 'compact' ? [] : [`keys=${keys}`]),
  ];
  return {
    name: ['patch-slimming', ...(settings.length > 0 ? [settings.join(',')] : [])].join(':'),
    summary: 'keeps the same patches for all images (the paper)',
    fixedPositions: true,
    // The search goes down from the tokens that the head reads; where these are all, there is nothing to search.
    scheduleOf: (config) => (readsPatches(config) ? undefined : usualSchedule),
    blockOf: firstTokens(keys),
    plan: (job, request) => planFixedPositions(job, request, { score, deeperBlocks, keys }),
    withSettings: (texts) => patchSlimming({ score, deeperBlocks, keys, ...readSettings(texts) }),
  };
}

/** All options. */
interface Reading {
  readonly score: Score;
  readonly deeperBlocks: DeeperBlocks;
  readonly keys: Keys;
}

async function planFixedPositions(
  job: Job,
  { schedule, cost, recovery }: MethodRequest,
  { score, deeperBlocks, keys }: Reading,
): Promise<PlannedBlocks> {
  if (cost.latency && keys !== 'compact') {
    const message = `'${schedule.spec}' needs compact keys, got '${keys}': no measured block has bypassed rows`;
    throw new PatchslimError('INVALID_ARGUMENT', message);
  }
  const images = imagesOf(job, 'patch-slimming');
  const { costOf } = cost;
  const savesBlocks = schedule.needsErrors;
  const oracle = await createOracle(job, images, {
    score,
    deeperBlocks,
    keys,
    costOf,
    recovery,
    savesBlocks,
  });
  try {
    const { plan: blocks, errors } = await schedule.plan(oracle, job);
    const scored: PlanStep = {
      step: 'scored',
      score: score.name,
      deeperBlocks: score.readsDeeperBlocks ? deeperBlocks : 'dense',
      images: images.count,
    };
    return {
      blocks,
      steps: [scored, ...(errors ? [{ step: 'top-down' as const, errors: [...errors] }] : [])],
      params: recovery && (await oracle.params()),
    };
  } finally {
    await oracle.close();
  }
}

function readSettings(texts: Readonly<Record<string, string>>): PatchSlimmingOptions {
  const { score, deeperBlocks, keys, ...others } = texts;
  const [stray] = Object.keys(others);
  if (stray !== undefined) {
    const known = 'score, deeperBlocks, keys';
    throw new PatchslimError('INVALID_ARGUMENT', `patch-slimming has no setting '${stray}', only ${known}`);
  }
  const oneOf = <Value extends string>(values: readonly Value[], text: string, kind: string): Value =>
    findByName(
      values.map((name) => ({ name })),
      text,
      kind,
    ).name;
  return {
    ...(score !== undefined && { score: findScore(score) }),
    ...(deeperBlocks !== undefined && {
      deeperBlocks: oneOf(settingValues.deeperBlocks, deeperBlocks, 'value of deeperBlocks'),
    }),
    ...(keys !== undefined && { keys: oneOf(settingValues.keys, keys, 'value of keys') }),
  };
}
