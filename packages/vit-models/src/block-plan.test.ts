import { range } from '@patchslim/tensor';
import { describe, expect, it } from 'vitest';
import {
  densePlan,
  losslessPlan,
  traceCounts,
  traceTokens,
  vitConfig,
  type BlockPlan,
  type Reducer,
} from './index.js';
import { firstRows } from '../test/first-rows.js';
import { tinyConfig } from '../test/random-model.js';

const dense: BlockPlan = { kind: 'dense' };
const keep = (positions: number[], keys: 'compact' | 'all' = 'compact'): BlockPlan => ({
  kind: 'keep',
  keep: positions,
  keys,
});

describe('traceTokens', () => {
  it('drops tokens for good with compact keys', () => {
    const traced = traceTokens(tinyConfig, [keep([0, 3, 4]), dense, keep([0])]);
    expect(traced.map(({ input, kept, output }) => [input.length, kept.length, output.length])).toEqual([
      [10, 3, 3],
      [3, 3, 3],
      [3, 1, 1],
    ]);
    expect(traced[1]!.kept).toEqual([0, 3, 4]);
  });

  it('puts computed rows before those that pass, and drops the latter behind the last block', () => {
    const traced = traceTokens(tinyConfig, [keep([0, 4], 'all'), keep([0], 'all'), keep([0], 'all')]);
    expect(traced[0]!.output).toEqual([0, 4, 1, 2, 3, 5, 6, 7, 8, 9]);
    expect(traced[1]!.input).toEqual(traced[0]!.output);
    expect(traced[2]!.input).toHaveLength(10);
    expect(traced[2]!.output).toEqual([0]);
  });

  it.each([
    ['too few blocks', [dense], /expected 3 blocks/],
    ['no class token', [keep([1]), dense, dense], /block 0 drops token 0/],
    ['a token twice', [keep([0, 1, 1]), dense, dense], /keeps a token twice/],
    [
      'a token that is gone',
      [keep([0, 1]), keep([0, 2]), dense],
      /block 1 keeps tokens 2, which do not reach it/,
    ],
    ['a token that never was', [keep([0, 10]), dense, dense], /keeps tokens 10/],
  ])('refuses a plan with %s', (_, plan, message) => {
    expect(() => traceTokens(tinyConfig, plan)).toThrow(message);
  });

  it('keeps both prefix tokens of a distilled model', () => {
    const config = vitConfig('deit-tiny-distilled');
    expect(losslessPlan(config).at(-1)).toEqual({ kind: 'keep', keep: [0, 1], keys: 'compact' });
    const plan = densePlan(config);
    plan[11] = keep([0]);
    expect(() => traceTokens(config, plan)).toThrow(/drops token 1/);
  });
});

describe('traceCounts', () => {
  const reduce = (count: number, change: Partial<Reducer> = {}): BlockPlan => {
    return { kind: 'reduce', count, reducer: firstRows(change) };
  };
  const counts = (plan: readonly BlockPlan[]) =>
    traceCounts(tinyConfig, plan).map(({ input, kept, output }) => [input, kept, output]);

  it('is the number of tokens that traceTokens finds', () => {
    const plan = [keep([0, 4], 'all'), keep([0, 5, 4]), keep([0], 'all')];
    const lengths = traceTokens(tinyConfig, plan).map(({ input, kept, output }) =>
      [input, kept, output].map(({ length }) => length),
    );
    expect(counts(plan)).toEqual(lengths);
    expect(lengths[0]).toEqual([10, 2, 10]);
  });

  it('follows a plan with reducers, which traceTokens cannot', () => {
    const plan = [reduce(6), dense, reduce(2)];
    expect(counts(plan)).toEqual([
      [10, 6, 6],
      [6, 6, 6],
      [6, 2, 2],
    ]);
    expect(() => traceTokens(tinyConfig, plan)).toThrow(
      /traceTokens\(\): positions are known only at run time around block 0/,
    );
    expect(counts([reduce(6), keep([0]), reduce(1)])[2]).toEqual([1, 1, 1]);
    expect(counts([keep([0, 3], 'all'), reduce(4), keep([0], 'all')])[1]).toEqual([10, 4, 4]);
  });

  it('counts all rows in the attention of a block that reduces after it', () => {
    const attending = (phase: Reducer['phase']) =>
      traceCounts(tinyConfig, [reduce(6, { phase }), reduce(6, { phase }), dense]).map((c) => c.attending);
    expect(attending('before-queries')).toEqual([6, 6, 6]);
    expect(attending('after-attention')).toEqual([10, 6, 6]);
  });

  it.each<[string, readonly BlockPlan[], RegExp]>([
    ['more than reach it', [reduce(4), reduce(5), dense], /block 1 leaves 5 tokens; expected 1 to 4/],
    ['no class token', [reduce(0), dense, dense], /block 0 leaves 0 tokens; expected 1 to 10/],
    ['half a token', [reduce(2.5), dense, dense], /leaves 2\.5 tokens/],
    [
      'a problem of its own',
      [reduce(6), reduce(4, { problem: (_, rowsIn, rowsOut) => `says ${rowsIn} to ${rowsOut}` }), dense],
      /block 1 says 6 to 4$/,
    ],
    ['less than it can leave', [reduce(4, { least: () => 5 }), dense, dense], /expected 5 to 10/],
    [
      'a patch by its position behind it',
      [reduce(4), keep([0, 3]), dense],
      /can keep the prefix tokens only/,
    ],
    ['passing tokens behind it', [reduce(4), keep([0], 'all'), dense], /needs compact keys/],
    ['no class token behind it', [reduce(4), keep([]), dense], /block 1 drops token 0/],
  ])('refuses a block whose reducer leaves %s', (_, plan, message) => {
    expect(() => traceCounts(tinyConfig, plan)).toThrow(message);
    expect(() => traceCounts(tinyConfig, plan)).toThrow(expect.objectContaining({ code: 'PLAN_INVALID' }));
  });

  it.each([
    ['a mean', { pool: 'mean' }, 1],
    ['class token and mean', { pool: 'class-mean' }, 1],
    ['an attention pool', { pool: 'attention', prefix: [] }, 0],
  ] as const)('refuses to leave no patch to %s', (_, switches, prefix) => {
    const config = { ...tinyConfig, ...switches };
    const none = range(prefix);
    for (const last of [keep(none), keep(none, 'all'), reduce(prefix, { least: () => prefix })]) {
      expect(() => traceCounts(config, [dense, dense, last])).toThrow(
        'traceCounts(): block 2 leaves no patch, and the head reads patches',
      );
    }
    expect(() => traceCounts(config, [keep(none), dense, dense])).toThrow('block 0 leaves no patch');
    // The others pass through, and the next block computes them.
    expect(traceCounts(config, [keep(none, 'all'), dense, dense])[2]!.output).toBe(9 + prefix);
  });

  it('keeps both prefix tokens of a distilled model', () => {
    const config = vitConfig('deit-tiny-distilled');
    const plan = densePlan(config);
    plan[3] = reduce(1);
    expect(() => traceCounts(config, plan)).toThrow(/block 3 leaves 1 tokens; expected 2 to 198/);
  });
});
