/** What planning costs, apart from the network: 12 blocks of DeiT-Small relative to a bare `JSON.parse` of the plan. */

import { createRandom } from '@patchslim/tensor';
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
const repeats = 200;
const rounds = 15;

const random = createRandom(0);
const scores = Array.from({ length: config.depth }, () => Array.from({ length: tokenCount(config) }, random));
const oracle: SlimmingOracle = {
  config,
  keys: 'compact',
  scores: (block) => Promise.resolve(scores[block]!),
  // Falls as tokens are added, so that the search takes some steps in each block.
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
    estimator: 'random',
    attention: 'dense',
    schedule: `counts:${figure5Counts.join()}`,
    keys: 'compact',
    seed: 0,
    data: 'none',
    images: 0,
    macs: { dense: 0, slimmed: 0 },
  }),
);

const work = {
  'JSON.parse': () => JSON.parse(text) as unknown,
  parsePlan: () => parsePlan(text),
  planByCounts: () => planByCounts(oracle, figure5Counts),
  planTopDown: () => planTopDown(oracle, { tolerance: 0.05, granularity: 10, norm: 'relative' }),
};
const names = Object.keys(work) as (keyof typeof work)[];

/** Microseconds of one call. */
async function time(call: () => unknown): Promise<number> {
  const start = performance.now();
  for (let i = 0; i < repeats; i++) await call();
  return ((performance.now() - start) * 1000) / repeats;
}

function summary(values: readonly number[]): string {
  const sorted = [...values].sort((a, b) => a - b);
  const [least, median, most] = [sorted[0]!, sorted[sorted.length >> 1]!, sorted.at(-1)!];
  return `${median.toFixed(1)} (${least.toFixed(1)}–${most.toFixed(1)})`;
}

const times = new Map<string, number[]>(names.map((name) => [name, []]));
for (let round = -2; round < rounds; round++) {
  for (const name of names) {
    const elapsed = await time(work[name]);
    if (round >= 0) times.get(name)!.push(elapsed); // the first rounds warm the compiler
  }
}

const base = times.get('JSON.parse')!;
console.log(`plan of ${config.depth} blocks, ${text.length} bytes, ${rounds} rounds: median (min–max)`);
console.log(`${'JSON.parse'.padEnd(12)}  ${summary(base)} µs`);
for (const name of names.slice(1)) {
  console.log(
    `${name.padEnd(12)}  ${summary(times.get(name)!.map((each, i) => each / base[i]!))} × JSON.parse`,
  );
}
