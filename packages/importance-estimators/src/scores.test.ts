/** The table of scores, and the declared needs, shapes and memory of every static score. */

import { createReferenceBackend } from '@patchslim/tensor/reference';
import { losslessPlan, type CaptureKind } from '@patchslim/vit-models';
import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { captureBlocks, tinyConfig } from '../test/network.js';
import {
  createScore,
  findRunTimeScore,
  findScore,
  runTimeScores,
  scores,
  scoreSchema,
  staticScores,
} from './index.js';

const context = { config: tinyConfig, seed: 0 };

describe('the table', () => {
  const names = (list: readonly { readonly name: string }[]) => list.map(({ name }) => name);

  it('lists every score once, in alphabetical order', () => {
    expect(names(scores).length).toBeGreaterThan(10);
    expect(names(scores)).toEqual([...new Set(names(scores))].sort());
  });

  it('knows which scores work where', () => {
    const missing = (list: readonly { readonly name: string }[]) =>
      names(scores).filter((name) => !names(list).includes(name));
    expect(missing(staticScores)).toEqual(['global-class-attention', 'predictor', 'sampled-attention']);
    expect(missing(runTimeScores)).toEqual(['impact', 'random', 'rollout', 'uniform']);
  });

  it('finds every score by its own name', () => {
    expect(staticScores.map(({ name }) => findScore(name))).toEqual(staticScores);
    expect(runTimeScores.map(({ name }) => findRunTimeScore(name))).toEqual(runTimeScores);
  });

  it('suggests near matches for an unknown name', () => {
    for (const find of [findScore, findRunTimeScore]) {
      expect(() => find('class-atention')).toThrow(
        "unknown score 'class-atention'; did you mean class-attention",
      );
      expect(() => find('class-atention')).toThrow(expect.objectContaining({ code: 'UNKNOWN_NAME' }));
    }
  });

  it('refuses a score where it cannot work', () => {
    expect(() => findScore('global-class-attention')).toThrow(
      /'global-class-attention' works only inside the running network: it averages over the blocks before; use one of attention-norm, .*impact/,
    );
    expect(() => findRunTimeScore('impact')).toThrow(
      /'impact' works only for static plans: .* one of .*class-attention/,
    );
    expect(() => findRunTimeScore('impact')).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
  });
});

describe('scoreSchema', () => {
  it.each([
    [true, { name: 'feature-norm' }],
    [true, { name: 'predictor', positions: [1, 2], weights: [3] }],
    [false, { name: 'predictor' }],
    [false, { name: 'feature-norm', weights: [3] }],
    [false, { name: 'impact' }],
  ])('says %s of %j', (valid, data) => {
    expect(z.safeParse(scoreSchema, data).success).toBe(valid);
  });
});

describe('createScore', () => {
  it('reads the attention of every token, and counts class attention, only if the score reads it', () => {
    const of = (name: 'attention-norm' | 'class-attention' | 'value-norm') => createScore({ name });
    expect(of('attention-norm').needsAttention).toBe(true);
    expect(of('class-attention').needsAttention).toBe(false);
    expect(of('value-norm').macs(tinyConfig, 10)).toBe(0);
    expect(of('class-attention').macs(tinyConfig, 10)).toBe(12 * 12 + 10 * 12);
  });
});

describe.each(staticScores)('$name', ({ needs, score }) => {
  it('needs only its declared captures, and leaks no tensor', async () => {
    const backend = createReferenceBackend();
    const captures = captureBlocks(backend, tinyConfig, {
      plan: losslessPlan(tinyConfig),
      capture: needs,
    });
    const before = backend.memory.liveTensors;
    const scored = score(captures, context);
    expect(scored.map(({ shape }) => shape.join())).toEqual(['2,10', '2,10', '2,1']);
    expect(backend.memory.liveTensors).toBe(before + 3);
    for (const one of scored) {
      expect((await one.data()).every((value) => Number.isFinite(value) && value >= 0)).toBe(true);
      one.dispose();
    }
    expect(backend.memory.liveTensors).toBe(before);
  });

  it.each(needs)('throws when %s was not captured, and leaks no tensor', (missing) => {
    const backend = createReferenceBackend();
    const kinds: readonly CaptureKind[] = ['input', 'attention', 'values'];
    const captures = captureBlocks(backend, tinyConfig, {
      capture: kinds.filter((kind) => kind !== missing),
    });
    const before = backend.memory.liveTensors;
    const run = () => score(captures, context);
    expect(run).toThrow(new RegExp(`^score\\(\\): block \\d was run without capture '${missing}'$`));
    expect(run).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
    expect(backend.memory.liveTensors).toBe(before);
  });

  it('returns no scores for no blocks', () => {
    expect(score([], context)).toEqual([]);
  });
});
