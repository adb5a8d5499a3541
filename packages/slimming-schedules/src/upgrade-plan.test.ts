/** Older plans are converted to the current format. */

import { vitMacs } from '@patchslim/flop-counter';
import { describe, expect, it } from 'vitest';
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

it('keeps the model and the cost, and is written as version 2', () => {
  const { model: made } = JSON.parse(planOfVersion1) as typeof read;
  expect(read.model).toEqual(made);
  expect(vitMacs(config, blocksFor(read, model)).blocks).toEqual(macsOfVersion1);
  const written = formatPlan(read);
  expect(written).toContain('"version": 2');
  expect(parsePlan(written)).toEqual(read);
});

describe('a flat provenance becomes steps', () => {
  const common = { tool: 'patchslim 0.1.0', schedule: 'budget:0.5', macs: { dense: 1000, slimmed: 600 } };
  const flat = { ...common, method: 'ward', estimator: 'none', attention: 'dense', keys: 'compact', seed: 3 };
  const upgraded = (provenance: object) =>
    parsePlan(JSON.stringify({ ...(JSON.parse(planOfVersion1) as object), provenance })).provenance;
  const images = { name: 'photos', count: 256, seed: 3 };
  const looking = { ...flat, data: 'photos', images: 256 };

  it('only for steps that happened', () => {
    expect(upgraded({ ...flat, data: '', images: 0 })).toEqual({ ...common, method: 'ward', steps: [] });
    expect(read.provenance).toEqual({
      ...{ ...common, method: 'patch-slimming', schedule: 'counts:10,3,1' },
      images: { name: 'images', count: 256, seed: 0 },
      steps: [{ step: 'scored', score: 'impact', deeperBlocks: 'dense', images: 256 }],
    });
  });

  it('with all results of a step', () => {
    const found = { candidates: 88, start: { counts: [3, 1], divergence: 0.5 }, interval: [-0.1, 0.2] };
    const search = { ...found, heldBack: 128, found: { counts: [2, 1], divergence: 0.4 }, taken: 'start' };
    const candidates = [{ method: 'ward', divergence: 0.5, agreement: 90 }];
    const latency = { backend: 'onnx-cpu', batch: 1, dense: 18, slimmed: 12 };
    const heldBack = { images: 32, before: 0.5, after: 0.3, interval: [-0.3, -0.1] };
    const recovery = { spec: 'least-squares', dense: 'b'.repeat(64), data: 'photos', images: 224, heldBack };
    const { steps, schedule } = upgraded({
      ...{ ...looking, schedule: 'budget:12ms@onnx-cpu', latency, search, candidates, recovery },
      refused: [{ method: 'tome', reason: 'too small' }],
    });
    expect(schedule).toBe('budget:12ms@native');
    expect(steps).toEqual([
      { ...latency, step: 'timed', backend: 'native' },
      { ...found, step: 'searched', images: 256, judges: 128, found: search.found, taken: 'start' },
      { step: 'chosen', images: 256, candidates, refused: [{ method: 'tome', reason: 'too small' }] },
      {
        ...{ step: 'recovered', recovery: 'least-squares', from: 'b'.repeat(64), images: 224, judges: 32 },
        ...{ before: 0.5, after: 0.3, interval: [-0.3, -0.1] },
      },
    ]);
  });

  it.each([
    ['onnx-webgpu', 'webgpu'],
    ['onnx-cuda', 'cuda'],
    ['onnx-web-wasm', 'wasm'],
    ['onnx-web-webgpu', 'webgpu'],
    ['tfjs-webgpu-node', 'tfjs-webgpu'],
    ['tfjs-cpu', 'tfjs-cpu'],
    ['constructor', 'constructor'],
  ])('with the current name of the backend %s', (older, today) => {
    const latency = { backend: older, batch: 1, dense: 20.5, slimmed: 11.25 };
    const { steps, schedule } = upgraded({ ...looking, schedule: `budget:12ms@${older}`, latency });
    expect(steps).toEqual([{ step: 'timed', ...latency, backend: today }]);
    expect(schedule).toBe(`budget:12ms@${today}`);
  });

  it('of a top-down search and of predictors', () => {
    const impact = { ...looking, method: 'patch-slimming', estimator: 'impact', attention: 'slimmed' };
    expect(upgraded({ ...impact, errors: [0.1, null] })).toMatchObject({
      images,
      steps: [
        { step: 'scored', score: 'impact', deeperBlocks: 'slimmed', images: 256 },
        { step: 'top-down', errors: [0.1, null] },
      ],
    });
    const predictor = { r2: [null, 0.5], staticR2: [null, 0.2] };
    expect(upgraded({ ...impact, method: 'dps', predictor }).steps).toEqual([
      { step: 'fitted', score: 'impact', images: 256, ...predictor },
    ]);
  });

  it('is refused when edited', () => {
    expect(() => upgraded({ ...looking, latency: 7 })).toThrow(/provenance\.steps\.0: /);
    expect(() => upgraded({ ...looking, colour: 'red' })).toThrow(/Unrecognized key: "colour"/);
  });
});

it.each([
  ['"merger":{"name":"ward"}', '"merger":{"name":"weird"}', /blocks\.3\.reducer\.name: /],
  ['"merger":{"name":"ward"}', '"ranker":{"name":"ward"}', /blocks\.3\.reducer: /],
  ['"rest":"fuse"', '"rest":"drop"', /blocks\.12\.reducer\.rest: /],
  ['"ranker":{"name":"sampled-attention"}', '"ranker":7', /blocks\.14\.reducer\.score: /],
  ['"kept":7', '"kept":-7', /blocks\.8\.reducer\.kept: /],
  ['{"kind":"dense"}', '7', /blocks\.0: /],
])('is refused when edited: %s to %s', (from, to, message) => {
  const parse = () => parsePlan(planOfVersion1.replace(from, to));
  expect(parse).toThrow(expect.objectContaining({ code: 'PLAN_INVALID' }));
  expect(parse).toThrow(message);
});

it('is no plan of version 2 as it is', () => {
  expect(() => parsePlan(planOfVersion1.replace('"version": 1', '"version": 2'))).toThrow(
    /blocks\.2\.kind: /,
  );
});
