/** Plans of format version 1 are read as plans of version 2. */

import { vitMacs } from '@patchslim/flop-counter';
import { expect, it } from 'vitest';
import { macsOfVersion1, planOfVersion1 } from '../test/plan-of-version-1.js';
import { tinyConfig } from '../test/toy.js';
import { blocksFor, formatPlan, parsePlan } from './index.js';

const config = { ...tinyConfig, depth: 17 };
const model = { config, fingerprint: 'a'.repeat(64) };
const read = parsePlan(planOfVersion1);

it('has every kind of entry, under the names of version 2', () => {
  const top = (count: number, name: string, rest?: 'fuse') => {
    return { kind: 'reduce', count, reducer: { name: 'top-k', score: { name }, ...(rest ? { rest } : {}) } };
  };
  const reduce = (count: number, name: string, options: object = {}) => {
    return { kind: 'reduce', count, reducer: { name, ...options } };
  };
  expect(read.version).toBe(2);
  expect(read.blocks).toEqual([
    { kind: 'dense' },
    { kind: 'keep', keep: [0, 1, 2, 3, 4, 5, 6, 7, 9], keys: 'all' },
    reduce(10, 'top-k', {
      score: {
        name: 'predictor',
        positions: [0, 0.3333333, 0.6666667, 1, 1.333333, 1.666667, 2, 2.333333, 2.666667, 3],
        weights: [3.333333e-10, -66.66667],
      },
    }),
    reduce(9, 'ward'),
    reduce(9, 'pool'),
    reduce(8, 'tome'),
    reduce(8, 'pitome', { margin: 0.45 }),
    reduce(7, 'mctf'),
    reduce(6, 'diffrate', { kept: 7 }),
    reduce(6, 'tps'),
    reduce(5, 'zero-tprune', { iterations: 30 }),
    top(5, 'class-attention'),
    top(4, 'class-attention', 'fuse'),
    top(4, 'global-class-attention', 'fuse'),
    top(3, 'sampled-attention'),
    top(2, 'attention-received'),
    { kind: 'keep', keep: [0], keys: 'compact' },
  ]);
});

it('keeps model and provenance, costs what it did, and is written as version 2', () => {
  const { model: made, provenance } = JSON.parse(planOfVersion1) as typeof read;
  expect(read).toMatchObject({ model: made, provenance });
  expect(vitMacs(config, blocksFor(read, model)).blocks).toEqual(macsOfVersion1);
  const written = formatPlan(read);
  expect(written).toContain('"version": 2');
  expect(parsePlan(written)).toEqual(read);
});

it.each([
  ['"merger":{"name":"ward"}', '"merger":{"name":"weird"}', /blocks\.3\.reducer\.name: /],
  ['"merger":{"name":"ward"}', '"ranker":{"name":"ward"}', /blocks\.3\.reducer: /],
  ['"rest":"fuse"', '"rest":"drop"', /blocks\.12\.reducer\.rest: /],
  ['"ranker":{"name":"sampled-attention"}', '"ranker":7', /blocks\.14\.reducer\.score: /],
  ['"kept":7', '"kept":-7', /blocks\.8\.reducer\.kept: /],
  ['{"kind":"dense"}', '7', /blocks\.0: /],
])('is refused where it was edited: %s to %s', (from, to, message) => {
  const parse = () => parsePlan(planOfVersion1.replace(from, to));
  expect(parse).toThrow(expect.objectContaining({ code: 'PLAN_INVALID' }));
  expect(parse).toThrow(message);
});

it('is no plan of version 2 as it is', () => {
  expect(() => parsePlan(planOfVersion1.replace('"version": 1', '"version": 2'))).toThrow(
    /blocks\.2\.kind: /,
  );
});
