/** Cost of planning without the network: 12 blocks of DeiT-Small, relative to a bare `JSON.parse` of the plan. */

import { createRandom } from '@patchslim/tensor';
import { compareRuns } from '@patchslim/testing';
import { tokenCount, vitConfig } from '@patchslim/vit-models';
import {
  createPlan,
  figure5Counts,
  formatPlan,
  parsePlan,
  planByCounts,
  planTopDown,
  type SlimmingOracle,
} from '../src/index.js';

const config = vitConfig('deit-small');

const random = createRandom(0);
const scores = Array.from({ length: config.depth }, () => Array.from({ length: tokenCount(config) }, random));
const oracle: SlimmingOracle = {
  config,
  keys: 'compact',
  costOf: () => 1,
  scores: (block) => Promise.resolve(scores[block]!),
  // The error falls as tokens are added, so that the search takes several steps in each block.
  error: (block, plan) => {
    const below = plan[block - 1]!;
    return Promise.resolve(below.kind === 'keep' ? (config.depth - block) / below.keep.length : 0);
  },
};

const { plan } = await planByCounts(oracle, figure5Counts);
const text = formatPlan(
  createPlan({ config, fingerprint: '0'.repeat(64) }, plan, {
    tool: 'bench',
    method: 'patch-slimming',
    schedule: `counts:${figure5Counts.join()}`,
    macs: { dense: 0, slimmed: 0 },
    steps: [],
  }),
);

/** Many calls per run: one call takes microseconds. */
const repeated = (name: string, call: () => unknown) => ({
  name,
  run: async () => {
    for (let i = 0; i < 200; i++) await call();
  },
});
await compareRuns(`200 times a plan of ${config.depth} blocks, ${text.length} bytes`, [
  repeated('JSON.parse', () => JSON.parse(text) as unknown),
  repeated('parsePlan', () => parsePlan(text)),
  repeated('planByCounts', () => planByCounts(oracle, figure5Counts)),
  repeated('planTopDown', () => planTopDown(oracle, { tolerance: 0.05, granularity: 10, norm: 'relative' })),
]);
