/** A small architecture, and an oracle that answers with formulas instead of a network. */

import { tokenCount, type BlockPlan, type Keys, type VitConfig } from '@patchslim/vit-models';
import type { CostOf, ErrorNorm, Provenance, SlimmingOracle } from '../src/index.js';

/** Ten tokens, three blocks. */
export const tinyConfig: VitConfig = {
  name: 'test',
  imageSize: 12,
  patchSize: 4,
  width: 8,
  depth: 3,
  heads: 2,
  mlpWidth: 16,
  classes: 5,
  layerNormEps: 1e-6,
};

/** Positions from 0 to `n − 1`. */
export const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

/** Positions that a block computes if all tokens reach it. */
export function keptBy(block: BlockPlan, tokens: number): readonly number[] {
  return block.kind === 'keep' ? block.keep : range(tokens);
}

export interface ToyNetwork {
  readonly config: VitConfig;
  readonly keys?: Keys;
  /** Importance by block and position. */
  readonly scores: readonly (readonly number[])[];
  /** Increase of the error above a block when it drops a token, by block and position. */
  readonly losses?: readonly (readonly number[])[];
}

export interface ToyOracle extends SlimmingOracle {
  /** The questions so far: `scores 1`, `error 2 relative: 0,1,2`, the latter with the tokens of the block below. */
  readonly questions: string[];
}

export function toyOracle({ config, keys = 'compact', scores, losses = scores }: ToyNetwork): ToyOracle {
  const questions: string[] = [];
  return {
    config,
    keys,
    questions,
    costOf: toyCost(config),
    scores(block) {
      questions.push(`scores ${block}`);
      return Promise.resolve(scores[block]!);
    },
    error(block, plan, norm: ErrorNorm) {
      const below = block - 1;
      const kept = keptBy(plan[below]!, losses[below]!.length);
      questions.push(`error ${block} ${norm}: ${kept.join()}`);
      return Promise.resolve(lossOf(losses[below]!, kept));
    },
  };
}

/** The share of all tokens that are computed. */
export const toyCost =
  (config: VitConfig): CostOf =>
  (counts) =>
    counts.reduce((sum, count) => sum + count, 0) / (tokenCount(config) * config.depth);

/** Sum of the losses of all dropped tokens. */
export function lossOf(losses: readonly number[], kept: readonly number[]): number {
  return losses.reduce((sum, loss, position) => (kept.includes(position) ? sum : sum + loss), 0);
}

/** Provenance of a plan. */
export const origin: Provenance = {
  tool: 'patchslim 0.1.0',
  method: 'patch-slimming',
  schedule: 'counts:10,3,1',
  macs: { dense: 1000, slimmed: 600 },
  images: { name: 'images', count: 256, seed: 0 },
  steps: [{ step: 'scored', score: 'impact', deeperBlocks: 'dense', images: 256 }],
};
