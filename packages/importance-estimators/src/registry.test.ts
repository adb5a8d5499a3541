/** What holds for every estimator: names, declared needs, shapes, memory. */

import { isPatchslimError } from '@patchslim/tensor';
import { createReferenceBackend } from '@patchslim/tensor/reference';
import { losslessPlan, type CaptureKind } from '@patchslim/vit-models';
import { describe, expect, it } from 'vitest';
import { captureBlocks, tinyConfig } from '../test/network.js';
import { estimators, findEstimator } from './index.js';

const context = { config: tinyConfig, seed: 0 };

describe('findEstimator', () => {
  it('finds every estimator by its own name', () => {
    const names = estimators.map(({ name }) => name);
    expect(names.map(findEstimator)).toEqual(estimators);
    expect(new Set(names).size).toBe(names.length);
  });

  it('helps with an unknown name', () => {
    const find = () => findEstimator('class-atention');
    expect(find).toThrow("unknown estimator 'class-atention'; did you mean class-attention");
    expect(find).toThrow(expect.toSatisfy((error: unknown) => isPatchslimError(error, 'UNKNOWN_NAME')));
  });
});

describe.each(estimators)('$name', (estimator) => {
  it('needs no more than it says, and leaves nothing behind but its scores', async () => {
    const backend = createReferenceBackend();
    const captures = captureBlocks(backend, tinyConfig, {
      plan: losslessPlan(tinyConfig),
      capture: estimator.needs,
    });
    const before = backend.memory.liveTensors;
    const scores = estimator.score(captures, context);
    expect(scores.map(({ shape }) => shape.join())).toEqual(['2,10', '2,10', '2,1']);
    expect(backend.memory.liveTensors).toBe(before + 3);
    for (const score of scores) {
      expect((await score.data()).every((value) => Number.isFinite(value) && value >= 0)).toBe(true);
      score.dispose();
    }
    expect(backend.memory.liveTensors).toBe(before);
  });

  it.each(estimator.needs)('says so when %s was not captured, and leaves nothing behind', (missing) => {
    const backend = createReferenceBackend();
    const kinds: readonly CaptureKind[] = ['input', 'attention', 'values'];
    const captures = captureBlocks(backend, tinyConfig, {
      capture: kinds.filter((kind) => kind !== missing),
    });
    const before = backend.memory.liveTensors;
    const score = () => estimator.score(captures, context);
    expect(score).toThrow(new RegExp(`^score\\(\\): block \\d was run without capture '${missing}'$`));
    expect(score).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
    expect(backend.memory.liveTensors).toBe(before);
  });

  it('scores no blocks as none', () => {
    expect(estimator.score([], context)).toEqual([]);
  });
});
