/** Proposals of counts near given ones. */

import { createRandom } from '@patchslim/tensor';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { proposeCounts } from './propose-counts.js';

const start = [100, 100, 80, 60, 50, 40, 1];
const cost = (counts: readonly number[]) => counts.reduce((sum, count) => sum + count, 0);

it('proposes counts that fit, never rise, and keep the last block unchanged', () => {
  let proposed = 0;
  fc.assert(
    fc.property(
      fc.nat(),
      fc.integer({ min: 1, max: 16 }),
      fc.integer({ min: -30, max: 30 }),
      (seed, step, slack) => {
        const most = cost(start) + slack;
        const fits = (counts: readonly number[]) =>
          cost(counts) <= most && counts.slice(0, -1).every((n) => n > 1);
        const counts = proposeCounts(start, { random: createRandom(seed), tokens: 100, step, fits });
        if (!counts) return;
        proposed++;
        expect(cost(counts)).toBeLessThanOrEqual(most);
        expect(counts).toHaveLength(start.length);
        expect(counts).toEqual([...counts].sort((a, b) => b - a));
        expect(counts[0]).toBeLessThanOrEqual(100);
        expect(counts.at(-1)).toBe(1);
        expect(counts).not.toEqual(start);
      },
    ),
  );
  expect(proposed).toBeGreaterThan(20);
});

it('can stop and start the selection in a block', () => {
  const fits = (counts: readonly number[]) => cost(counts) <= cost(start);
  const selecting = new Set<string>();
  for (let seed = 0; seed < 300; seed++) {
    const counts = proposeCounts(start, { random: createRandom(seed), tokens: 100, step: 20, fits });
    if (!counts) continue;
    selecting.add(counts.flatMap((n, block) => (n < (counts[block - 1] ?? 100) ? [block] : [])).join());
  }
  expect([...selecting].some((blocks) => !blocks.includes('3'))).toBe(true);
  expect([...selecting].some((blocks) => blocks.startsWith('0'))).toBe(true);
});
