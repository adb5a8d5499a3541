/** Methods by name, with and without settings. */

import { staticScores } from '@patchslim/importance-estimators';
import { findReducer, reducers, toPlanBlocks } from '@patchslim/token-reducers';
import { describe, expect, it } from 'vitest';
import { config } from '../../test/small-model.js';
import { methods, parseMethod } from './methods.js';

const place = { config, block: 1, reaching: 17, count: 12 };
/** A block of a method, as data. */
const blockBy = (text: string) => toPlanBlocks([parseMethod(text).blockOf(place)])[0];

describe('methods', () => {
  it('are every reducer with defaults, the top-k methods of papers, dps, and patch-slimming', () => {
    const names = methods.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['ward', 'tome', 'evit', 'dps', 'patch-slimming']));
    expect(new Set(names).size).toBe(names.length);
    for (const { name, hasDefaults } of reducers) expect(names.includes(name)).toBe(hasDefaults);
    for (const { summary } of methods) expect(summary).not.toBe('');
  });

  it.each(methods)('$name is found by its name, and leaves the requested number of tokens', (method) => {
    expect(parseMethod(method.name)).toBe(method);
    const block = method.blockOf(place);
    expect(block.kind === 'keep' ? block.keep.length : block.kind === 'reduce' && block.count).toBe(12);
  });

  it('keep the same positions for all images only in the method of the paper', () => {
    const fixed = methods.filter(({ fixedPositions }) => fixedPositions).map(({ name }) => name);
    expect(fixed).toEqual(['patch-slimming']);
  });
});

it('patch-slimming searches only where the head reads few tokens', () => {
  const { scheduleOf } = parseMethod('patch-slimming');
  expect(scheduleOf!(config)!.spec).toMatch(/^top-down:/);
  for (const pool of ['mean', 'class-mean', 'attention'] as const) {
    expect(scheduleOf!({ ...config, pool })).toBeUndefined();
  }
});

describe('parseMethod', () => {
  it('gives a reducer its settings', () => {
    expect(blockBy('pitome:margin=0.5')).toMatchObject({ reducer: { name: 'pitome', margin: 0.5 } });
    expect(blockBy('pitome')).not.toMatchObject({ reducer: { margin: 0.5 } });
    expect(blockBy('top-k:score=class-attention,rest=fuse')).toEqual(blockBy('evit'));
    expect(blockBy('top-k:score=class-attention')).toEqual(blockBy('class-attention'));
    expect(blockBy('top-k:score=attention-received')).toEqual(blockBy('power'));
  });

  it.each(['pitome:margin=0.5', 'top-k:score=class-attention,rest=fuse', 'evit:score=attention-received'])(
    'gives %s a name that it reads back',
    (text) => {
      const method = parseMethod(text);
      expect(method.name).toBe(text);
      expect(toPlanBlocks([method.blockOf(place)])).toEqual([blockBy(method.name)]);
    },
  );

  it.each([
    ['patch-slimming:score=rollout', 'patch-slimming:score=rollout'],
    ['patch-slimming:keys=all,score=random', 'patch-slimming:score=random,keys=all'],
    ['patch-slimming:deeperBlocks=slimmed', 'patch-slimming:deeperBlocks=slimmed'],
    ['patch-slimming:score=impact,deeperBlocks=dense,keys=compact', 'patch-slimming'],
  ])('reads %s', (text, name) => {
    expect(parseMethod(text).name).toBe(name);
    expect(parseMethod(name).name).toBe(name);
  });

  it('accepts every static score', () => {
    for (const { name } of staticScores) {
      expect(parseMethod(`patch-slimming:score=${name}`).fixedPositions).toBe(true);
    }
  });

  it.each([
    ['patch-sliming', /unknown method 'patch-sliming'; did you mean patch-slimming/],
    ['warp', /unknown method 'warp'; did you mean ward/],
    ['warp:margin=1', /unknown method 'warp'; did you mean ward/],
    ['something-else-entirely', /unknown method .*; known: .*ward.*patch-slimming/],
    ['', /unknown method ''/],
    ['pitome:margn=0.5', /unknown option of pitome 'margn'; did you mean margin/],
    ['tome:margin=0.5', /'tome' has no options, got 'margin'/],
    ['top-k:score=class-atention', /unknown .*'class-atention'; did you mean .*class-attention/],
    ['patch-slimming:score=rolout', /unknown .*'rolout'; did you mean rollout/],
    ['patch-slimming:keys=some', /unknown value of keys 'some'/],
  ])('refuses %s', (text, message) => {
    expect(() => parseMethod(text)).toThrow(
      expect.objectContaining({ code: 'UNKNOWN_NAME', message: expect.stringMatching(message) as string }),
    );
  });

  it.each([
    ['dps:score=rollout', /dps has no settings/],
    ['patch-slimming:estimator=rollout', /no setting 'estimator', only score, deeperBlocks, keys/],
    ['pitome:margin', /does not read as NAME:key=value/],
    ['pitome:', /does not read as NAME:key=value/],
    ['pitome:margin=0.5=1', /does not read as NAME:key=value/],
    ['pitome:margin=wide', /margin: got 'wide'/],
    ['top-k:rest=keep', /rest: got 'keep'/],
  ])('says what is wrong with %s', (text, message) => {
    expect(() => parseMethod(text)).toThrow(
      expect.objectContaining({
        code: 'INVALID_ARGUMENT',
        message: expect.stringMatching(message) as string,
      }),
    );
  });

  it('asks for missing settings of a reducer, before any image is read', () => {
    expect(findReducer('top-k').hasDefaults).toBe(false);
    expect(() => parseMethod('top-k')).toThrow(
      expect.objectContaining({
        code: 'INVALID_ARGUMENT',
        message: "'top-k' needs settings: top-k:score=…,rest=…",
      }),
    );
    expect(() => parseMethod('top-k:rest=fuse').blockOf(place)).toThrow(
      expect.objectContaining({
        code: 'INVALID_ARGUMENT',
        message: expect.stringMatching(/score/) as string,
      }),
    );
  });
});
