/** The search for counts within a budget. */

import { createOnnxBackend } from '@patchslim/backend-onnx';
import { budgetCounts } from '@patchslim/slimming-schedules';
import type { ProgressEvent } from '@patchslim/tensor';
import { describe, expect, it } from 'vitest';
import { smallModel, smallTensors } from '../../test/small-model.js';
import { costOfCounts } from '../counted-plan.js';
import { openSaved } from '../job/saved.js';
import { parseMethod } from '../methods/methods.js';
import { mean, searchCounts, type SearchCountsOptions } from './search-counts.js';
import { openCountWalk, type CountWalk } from './walk-counts.js';

const model = await smallModel(await createOnnxBackend({ threads: 1 }), 5);
const { config } = model;
const { blockOf } = parseMethod('ward');
/** In memory. */
const nothingSaved = () => openSaved(undefined, () => Promise.resolve('key'));
const costOf = costOfCounts(config, blockOf);
const most = 0.75;
const start = budgetCounts(config, most, costOf);
const walk = await openCountWalk(model, blockOf, smallTensors(36, 3), { batchSize: 8 });

const search = (options: Partial<SearchCountsOptions> = {}, on: CountWalk = walk) =>
  searchCounts(on, config, blockOf, start, {
    ...{ costOf, most, seed: 0, rounds: 4, saved: nothingSaved() },
    ...options,
  });

/** Records the requests. */
function watched(on: CountWalk) {
  const asked: (readonly number[])[] = [];
  const watching: CountWalk = {
    ...on,
    divergences: (candidates, images) => {
      asked.push(...candidates);
      return on.divergences(candidates, images);
    },
  };
  return { asked, watching };
}

describe('searchCounts', () => {
  it('never exceeds the budget, and never ends worse than it started', async () => {
    const { asked, watching } = watched(walk);
    const found = await search({}, watching);
    expect(asked.length).toBeGreaterThan(10);
    for (const counts of asked) {
      expect(costOf(counts)).toBeLessThanOrEqual(most);
      expect(counts.at(-1)).toBe(1);
    }
    expect(asked).toContainEqual(found.counts);
    expect(new Set(asked.map((counts) => counts.join())).size).toBe(found.candidates);
    const [before, after] = (await walk.divergences([start, found.counts])).map(mean);
    expect(after).toBe(found.divergence);
    expect(after).toBeLessThan(before!);
  });

  it('is reproducible by seed', async () => {
    const [first, second] = [watched(walk), watched(walk)];
    expect(await search({}, first.watching)).toEqual(await search({}, second.watching));
    expect(first.asked).toEqual(second.asked);
    const other = watched(walk);
    await search({ seed: 1 }, other.watching);
    expect(other.asked).not.toEqual(first.asked);
  });

  it('respects any cost function: a price for every selecting block', async () => {
    const priced = (counts: readonly number[]) =>
      costOf(counts) +
      counts.filter((count, block) => block < 4 && count < (counts[block - 1] ?? 17)).length * 0.03;
    const { asked, watching } = watched(walk);
    await search({ costOf: priced, most: 0.82 }, watching);
    for (const counts of asked.slice(1)) expect(priced(counts)).toBeLessThanOrEqual(0.82);
    expect(asked.length).toBeGreaterThan(10);
  });

  it('ends like an uninterrupted search after an abort, and measures nothing twice', async () => {
    const expected = await search();
    const saved = nothingSaved();
    const controller = new AbortController();
    const interrupted = search({
      saved,
      signal: controller.signal,
      onProgress: ({ done }) => done === 2 && controller.abort(),
    });
    await expect(interrupted).rejects.toMatchObject({ code: 'ABORTED' });
    const [{ asked, watching }, whole] = [watched(walk), watched(walk)];
    expect(await search({ saved }, watching)).toEqual(expected);
    await search({}, whole.watching);
    expect(asked.length).toBeGreaterThan(0);
    expect(asked.length).toBeLessThan(whole.asked.length);
  });

  it('reports progress to its end', async () => {
    const events: ProgressEvent[] = [];
    await search({ rounds: 3, onProgress: (event) => void events.push(event) });
    expect(events.at(-1)).toMatchObject({ done: 4, total: 4 });
    const done = events.map((event) => event.done);
    expect(done).toEqual([...done].sort((a, b) => a - b));
  });
});
