import { describe, expect, it } from 'vitest';
import { densePlan, losslessPlan, traceTokens, vitConfig, type BlockPlan } from './index.js';
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
