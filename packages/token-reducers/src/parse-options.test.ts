/** Options of reducers from text. */

import { describe, expect, it } from 'vitest';
import { parseReducerOptions } from './index.js';

describe('parseReducerOptions', () => {
  it.each<[string, Record<string, string>, object]>([
    ['pitome', { margin: '0.9' }, { margin: 0.9 }],
    ['pitome', { margin: '-1e-1' }, { margin: -0.1 }],
    ['diffrate', { kept: '12' }, { kept: 12 }],
    [
      'top-k',
      { score: 'class-attention', rest: 'fuse' },
      { score: { name: 'class-attention' }, rest: 'fuse' },
    ],
    ['top-k', { rest: 'fuse' }, { rest: 'fuse' }],
    ['top-k', { score: 'value-norm' }, { score: { name: 'value-norm' } }],
    ['tome', {}, {}],
  ])('reads options of %s: %j', (name, texts, options) => {
    expect(parseReducerOptions(name, texts)).toEqual(options);
  });

  it.each<[string, Record<string, string>, string, RegExp]>([
    ['tomee', {}, 'UNKNOWN_NAME', /unknown reducer 'tomee'; did you mean tome/],
    ['pitome', { margn: '0.9' }, 'UNKNOWN_NAME', /unknown option of pitome 'margn'; did you mean margin/],
    ['tome', { margin: '0.9' }, 'UNKNOWN_NAME', /'tome' has no options, got 'margin'/],
    [
      'top-k',
      { score: 'class-atention' },
      'UNKNOWN_NAME',
      /unknown score 'class-atention'; did you mean class-att/,
    ],
    ['top-k', { score: 'impact' }, 'INVALID_ARGUMENT', /'impact' works only for static plans/],
    ['top-k', { score: 'predictor' }, 'INVALID_ARGUMENT', /top-k: score: .* 'predictor' has options/],
    ['top-k', { rest: 'drop' }, 'INVALID_ARGUMENT', /top-k: rest: got 'drop': .*fuse/],
    [
      'pitome',
      { margin: 'much' },
      'INVALID_ARGUMENT',
      /pitome: margin: got 'much': expected a value of type number/,
    ],
    ['pitome', { margin: '' }, 'INVALID_ARGUMENT', /pitome: margin: got '': expected a value of type number/],
    [
      'diffrate',
      { kept: '1.5' },
      'INVALID_ARGUMENT',
      /diffrate: kept: got '1.5': expected a value of type int/,
    ],
    ['diffrate', { kept: '-1' }, 'INVALID_ARGUMENT', /diffrate: kept: got '-1': expected a number from 0/],
  ])('refuses options of %s: %j', (name, texts, code, message) => {
    const parse = () => parseReducerOptions(name, texts);
    expect(parse).toThrow(message);
    expect(parse).toThrow(expect.objectContaining({ code }));
  });
});
