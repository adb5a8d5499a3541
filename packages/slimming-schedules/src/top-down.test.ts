/** Algorithm 1 of the paper, on a toy network with fixed scores and errors. */

import { tokenCount, traceTokens, type PrefixRole } from '@patchslim/vit-models';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keptBy, lossOf, range, tinyConfig, toyOracle } from '../test/toy.js';
import { planTopDown, topDownSchedule } from './index.js';

// In the middle block token 1 matters most after the class token; the first block has the reverse order.
const falling = [10, 9, 8, 7, 6, 5, 4, 3, 2, 1];
const rising = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
const lost = [0, 9, 8, 7, 6, 5, 4, 3, 2, 1]; // all patches together: 45
const none = range(10).map(() => 0);

describe('planTopDown', () => {
  it('follows Algorithm 1 step by step', async () => {
    const oracle = toyOracle({
      config: tinyConfig,
      scores: [rising, falling, none],
      losses: [lost, lost, none],
    });
    const { plan, errors } = await planTopDown(oracle, { tolerance: 20, granularity: 2, norm: 'mean' });
    expect(oracle.questions).toEqual([
      'scores 1',
      'error 2 mean: 0', // r = 0: exactly the tokens of the last block, error 45
      'error 2 mean: 0,1', // r = 2 switches on 0 and 1 (0 was already on): 36
      'error 2 mean: 0,1,2,3', // 21
      'error 2 mean: 0,1,2,3,4,5', // 10 ≤ 20: enough
      'scores 0',
      'error 1 mean: 0,1,2,3,4,5', // r = 0 is enough
    ]);
    expect(errors).toEqual([10, 10, null]);
    expect(plan).toEqual([
      { kind: 'keep', keep: [0, 1, 2, 3, 4, 5], keys: 'compact' },
      { kind: 'keep', keep: [0, 1, 2, 3, 4, 5], keys: 'compact' },
      { kind: 'keep', keep: [0], keys: 'compact' },
    ]);
  });

  it('makes a block dense, with error 0 and no further question, when all tokens are on', async () => {
    const oracle = toyOracle({
      config: tinyConfig,
      scores: [rising, falling, none],
      losses: [lost.map((loss) => 10 * loss), lost, none],
    });
    const { plan, errors } = await planTopDown(oracle, { tolerance: 5, granularity: 4, norm: 'sum' });
    expect(oracle.questions).toEqual([
      'scores 1',
      'error 2 sum: 0',
      'error 2 sum: 0,1,2,3', // 21
      'error 2 sum: 0,1,2,3,4,5,6,7', // 3 ≤ 5
      'scores 0',
      'error 1 sum: 0,1,2,3,4,5,6,7', // 30; r = 4 adds 9 and 8 to 7 and 6: all are on
    ]);
    expect(errors).toEqual([0, 3, null]);
    expect(plan[0]).toEqual({ kind: 'dense' });
  });

  it('stops at an error equal to the tolerance', async () => {
    const oracle = toyOracle({
      config: tinyConfig,
      scores: [rising, falling, none],
      losses: [none, lost, none],
    });
    const { errors } = await planTopDown(oracle, { tolerance: 21, granularity: 2, norm: 'sum' });
    expect(errors).toEqual([0, 21, null]);
  });

  const row = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 11, maxLength: 11 });
  const cases = fc.record({
    prefix: fc.constantFrom<readonly PrefixRole[]>(['class'], ['class', 'distillation']),
    scores: fc.array(row, { minLength: 3, maxLength: 3 }),
    losses: fc.array(row, { minLength: 3, maxLength: 3 }),
    tolerance: fc.integer({ min: 0, max: 60 }),
    granularity: fc.integer({ min: 1, max: 12 }),
  });

  it('keeps the fewest tokens, in steps of the granularity, that the tolerance allows', async () => {
    await fc.assert(
      fc.asyncProperty(cases, async ({ prefix, tolerance, granularity, ...network }) => {
        const config = { ...tinyConfig, prefix };
        const tokens = tokenCount(config);
        const cut = (rows: number[][]) => rows.map((values) => values.slice(0, tokens));
        const [scores, losses] = [cut(network.scores), cut(network.losses)];
        const result = await planTopDown(toyOracle({ config, scores, losses }), {
          tolerance,
          granularity,
          norm: 'relative',
        });
        expect(() => traceTokens(config, result.plan)).not.toThrow();
        const kept = result.plan.map((block) => keptBy(block, tokens));
        expect(kept[2]).toEqual(range(tokens - 9));
        expect(result.errors![2]).toBeNull();
        for (const block of [1, 0]) {
          const order = range(tokens).sort((a, b) => scores[block]![b]! - scores[block]![a]! || a - b);
          const tries = range(Math.ceil(tokens / granularity) + 1).map((step) => {
            const on = new Set([...kept[block + 1]!, ...order.slice(0, step * granularity)]);
            return [...on].sort((a, b) => a - b);
          });
          const expected = tries.find(
            (on) => lossOf(losses[block]!, on) <= tolerance || on.length === tokens,
          );
          expect(kept[block]).toEqual(expected);
          expect(result.errors![block]).toBe(lossOf(losses[block]!, kept[block]!));
          expect(result.plan[block]!.kind).toBe(kept[block]!.length === tokens ? 'dense' : 'keep');
        }
      }),
    );
  });

  it('throws at an error that is not a number, instead of keeping everything', async () => {
    const oracle = {
      ...toyOracle({ config: tinyConfig, scores: [range(10), range(10), range(10)] }),
      error: () => Promise.resolve(Number.NaN),
    };
    const options = { tolerance: 0.1, granularity: 2, norm: 'relative' } as const;
    await expect(planTopDown(oracle, options)).rejects.toMatchObject({ code: 'NUMERICAL' });
  });

  it('reports progress to its end, and stops at the signal', async () => {
    const oracle = toyOracle({ config: tinyConfig, scores: [rising, falling, none] });
    const options = { tolerance: 0, granularity: 3, norm: 'sum' } as const;
    const done: string[] = [];
    await planTopDown(oracle, options, { onProgress: (event) => done.push(`${event.done}/${event.total}`) });
    expect(done).toEqual(['1/2', '2/2']);
    const controller = new AbortController();
    const stopping = planTopDown(oracle, options, {
      signal: controller.signal,
      onProgress: () => controller.abort(),
    });
    await expect(stopping).rejects.toMatchObject({ code: 'ABORTED' });
  });
});

describe('topDownSchedule', () => {
  it.each([
    { tolerance: -1, granularity: 10 },
    { tolerance: Number.NaN, granularity: 10 },
    { tolerance: Infinity, granularity: 10 },
    { tolerance: 0.1, granularity: 0 },
    { tolerance: 0.1, granularity: 2.5 },
  ])('refuses $tolerance and $granularity', (options) => {
    expect(() => topDownSchedule({ ...options, norm: 'mean' })).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
    );
  });

  it('needs errors, unlike the other schedules', () => {
    expect(topDownSchedule({ tolerance: 0.1, granularity: 10, norm: 'mean' }).needsErrors).toBe(true);
  });
});
