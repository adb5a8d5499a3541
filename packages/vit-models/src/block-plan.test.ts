import { describe, expect, it } from 'vitest';
import { densePlan, losslessPlan, traceCounts, traceTokens, vitConfig, type BlockPlan } from './index.js';
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
  const ranker = { name: 'predictor', positions: Array<number>(10).fill(0), weights: [1, 2] } as const;
  const rank = (count: number, change: object = {}): BlockPlan => ({
    kind: 'rank',
    count,
    ranker: { ...ranker, ...change },
  });
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

  it('follows a plan that ranks tokens, which traceTokens cannot', () => {
    const plan = [rank(6), dense, rank(2)];
    expect(counts(plan)).toEqual([
      [10, 6, 6],
      [6, 6, 6],
      [6, 2, 2],
    ]);
    expect(() => traceTokens(tinyConfig, plan)).toThrow(
      /traceTokens\(\): positions are known only at run time around block 0/,
    );
    expect(counts([rank(6), keep([0]), rank(1)])[2]).toEqual([1, 1, 1]);
    expect(counts([keep([0, 3], 'all'), rank(4), keep([0], 'all')])[1]).toEqual([10, 4, 4]);
  });

  it.each<[string, readonly BlockPlan[], RegExp]>([
    ['more than reach it', [rank(4), rank(5), dense], /block 1 leaves 5 tokens; expected 1 to 4/],
    ['no class token', [rank(0), dense, dense], /block 0 leaves 0 tokens; expected 1 to 10/],
    ['half a token', [rank(2.5), dense, dense], /leaves 2\.5 tokens/],
    ['other positions', [rank(4, { positions: [1, 2] }), dense, dense], /for 2 positions; test has 10/],
    ['no weights', [rank(4, { weights: [] }), dense, dense], /for 0 groups of channels/],
    [
      'groups that do not divide',
      [rank(4, { weights: [1, 2, 3] }), dense, dense],
      /3 groups.*the 8 channels/,
    ],
    ['NaN', [rank(4, { weights: [NaN] }), dense, dense], /with the number NaN/],
    ['a number beyond all', [rank(4, { weights: [1e31] }), dense, dense], /with the number 1e\+31/],
    ['a patch by its position behind it', [rank(4), keep([0, 3]), dense], /can keep the prefix tokens only/],
    ['passing tokens behind it', [rank(4), keep([0], 'all'), dense], /needs compact keys/],
    ['no class token behind it', [rank(4), keep([]), dense], /block 1 drops token 0/],
  ])('refuses a block that ranks tokens with %s', (_, plan, message) => {
    expect(() => traceCounts(tinyConfig, plan)).toThrow(message);
    expect(() => traceCounts(tinyConfig, plan)).toThrow(expect.objectContaining({ code: 'PLAN_INVALID' }));
  });

  it('keeps both prefix tokens of a distilled model', () => {
    const config = vitConfig('deit-tiny-distilled');
    const plan = densePlan(config);
    plan[3] = rank(1, { positions: Array<number>(198).fill(0) });
    expect(() => traceCounts(config, plan)).toThrow(/block 3 leaves 1 tokens; expected 2 to 198/);
  });
});
