/** Errors: identity by code, spelling suggestions, abort signals. */

import { describe, expect, it } from 'vitest';
import {
  bool,
  describe as describeTensor,
  findByName,
  float32,
  int32,
  isPatchslimError,
  nearMatches,
  PatchslimError,
  sizeOf,
  throwIfAborted,
} from './index.js';

describe('isPatchslimError', () => {
  const error = new PatchslimError('NOT_FOUND', 'open(): no file x', { path: 'x' }, new Error('cause'));

  it('distinguishes errors by code', () => {
    expect(isPatchslimError(error)).toBe(true);
    expect(isPatchslimError(error, 'NOT_FOUND')).toBe(true);
    expect(isPatchslimError(error, 'ABORTED')).toBe(false);
    expect(isPatchslimError(new Error('other'))).toBe(false);
    expect(isPatchslimError('text')).toBe(false);
  });

  it('recognises errors of another copy of this package', () => {
    const foreign = Object.assign(new Error('x'), { name: 'PatchslimError', code: 'NOT_FOUND' });
    expect(isPatchslimError(foreign, 'NOT_FOUND')).toBe(true);
  });

  it('keeps details and cause', () => {
    expect(error).toMatchObject({ details: { path: 'x' }, cause: { message: 'cause' } });
    expect('cause' in new PatchslimError('NOT_FOUND', 'no cause')).toBe(false);
  });
});

it('a message that quotes hostile input keeps its start and end', () => {
  const { message } = new PatchslimError('PLAN_INVALID', `start ${'x'.repeat(1e6)} end`);
  expect(message).toMatch(/^start x+ … x+ end$/);
  expect(message.length).toBeLessThan(2100);
});

it('nearMatches compares names only with names of similar length', () => {
  const long = 'x'.repeat(1_000_000);
  expect(
    nearMatches(
      'impact',
      Array.from({ length: 100 }, () => long),
    ),
  ).toEqual([]);
  expect(nearMatches(long, ['impact', 'attention'])).toEqual([]);
});

describe('findByName', () => {
  const registry = [{ name: 'impact' }, { name: 'attention' }, { name: 'random' }];

  it('finds', () => {
    expect(findByName(registry, 'random', 'estimator')).toBe(registry[2]);
  });

  it('suggests similar spellings', () => {
    expect(() => findByName(registry, 'Impcat', 'estimator')).toThrow(
      "unknown estimator 'Impcat'; did you mean impact?",
    );
    expect(nearMatches('attenton', ['attention', 'retention', 'x'])).toEqual(['attention', 'retention']);
  });

  it('lists all names if none is similar', () => {
    expect(() => findByName(registry, 'zzzzzzzzzzzzzz', 'estimator')).toThrow(
      'known: impact, attention, random',
    );
  });
});

describe('throwIfAborted', () => {
  it('throws once the signal fired, with its reason as cause', () => {
    const controller = new AbortController();
    throwIfAborted(controller.signal, 'calibrate()');
    throwIfAborted(undefined, 'calibrate()');
    controller.abort('enough');
    try {
      throwIfAborted(controller.signal, 'calibrate()');
      expect.unreachable();
    } catch (error) {
      expect(isPatchslimError(error, 'ABORTED')).toBe(true);
      expect(error).toMatchObject({ message: 'calibrate(): aborted', cause: 'enough' });
    }
  });
});

describe('host tensors', () => {
  it('take lists and typed arrays', () => {
    const data = Float32Array.of(1, 2);
    expect(float32([2], data).data).toBe(data);
    expect(int32([2], [1, 2]).data).toEqual(Int32Array.of(1, 2));
    expect(bool([], [1]).data).toEqual(Uint8Array.of(1));
  });

  it('require one value per position', () => {
    expect(() => float32([2, 2], [1, 2, 3])).toThrow('float32[2,2] needs 4 values, got 3');
  });

  it('print as dtype and shape', () => {
    expect(describeTensor(int32([2, 1], [1, 2]))).toBe('int32[2,1]');
    expect(describeTensor(float32([], [1]))).toBe('float32[]');
    expect(sizeOf([])).toBe(1);
  });
});
