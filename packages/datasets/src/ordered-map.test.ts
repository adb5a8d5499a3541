/** Order, bounds and endings of the pool. */

import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { orderedMap, type OrderedMapOptions } from './ordered-map.js';

const items = Array.from({ length: 40 }, (_, i) => i);
const bounds: OrderedMapOptions = { concurrency: 3, ahead: 5, where: 'test' };

/** A task that counts itself, and ends in another order than it started. */
function counted() {
  const counts = { started: 0, running: 0, most: 0 };
  const task = async (item: number): Promise<number> => {
    counts.started++;
    counts.most = Math.max(counts.most, ++counts.running);
    await sleep((item * 7) % 5);
    counts.running--;
    return item * 10;
  };
  return { counts, task };
}

it('keeps the order and the bound on tasks at the same time', async () => {
  const { counts, task } = counted();
  const results: number[] = [];
  for await (const result of orderedMap(items, task, bounds)) results.push(result);
  expect(results).toEqual(items.map((item) => item * 10));
  expect(counts).toEqual({ started: 40, running: 0, most: 3 });
});

it('works ahead of a consumer that is busy, and no further than the bound', async () => {
  const { counts, task } = counted();
  const results = orderedMap(items, task, bounds);
  await results.next();
  await sleep(60);
  expect(counts).toMatchObject({ started: 6, running: 0 }); // the one delivered and five ahead
  await results.return();
});

it('starts nothing before it is asked, and nothing for no items', async () => {
  const { counts, task } = counted();
  orderedMap(items, task, bounds);
  await sleep(5);
  expect(counts.started).toBe(0);
  expect(await orderedMap([], task, bounds).next()).toEqual({ done: true, value: undefined });
});

it('throws the first failure in order, after the results before it, and starts nothing more', async () => {
  let started = 0;
  const task = async (item: number): Promise<number> => {
    started++;
    await sleep(item === 2 ? 10 : 1);
    if (item >= 2) throw new Error(`item ${item}`);
    return item;
  };
  const results: number[] = [];
  const run = async () => {
    for await (const result of orderedMap(items, task, bounds)) results.push(result);
  };
  await expect(run()).rejects.toThrow('item 2');
  expect(results).toEqual([0, 1]);
  expect(started).toBeLessThanOrEqual(6);
});

it('has ended all tasks when a consumer leaves early', async () => {
  const { counts, task } = counted();
  for await (const result of orderedMap(items, task, bounds)) if (result === 30) break;
  expect(counts.running).toBe(0);
  expect(counts.started).toBeLessThan(12);
});

it('stops at an abort', async () => {
  const { counts, task } = counted();
  const controller = new AbortController();
  const results = orderedMap(items, task, { ...bounds, signal: controller.signal });
  await results.next();
  controller.abort();
  await expect(results.next()).rejects.toMatchObject({ code: 'ABORTED' });
  expect(counts.running).toBe(0);
  expect(await results.next()).toEqual({ done: true, value: undefined });
});
