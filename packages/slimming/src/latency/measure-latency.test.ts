/** Structure of a measured table. The times themselves are not asserted. */

import { createOnnxBackend } from '@patchslim/backend-onnx';
import type { ProgressEvent } from '@patchslim/tensor';
import { describe, expect, it } from 'vitest';
import { smallModel } from '../../test/small-model.js';
import { methods, parseMethod } from '../methods/methods.js';
import { latencyOf } from './latency-table.js';
import { measureLatency } from './measure-latency.js';

const model = await smallModel(await createOnnxBackend({ threads: 1 }));
const { blockOf } = parseMethod('ward');

describe('measureLatency', () => {
  it.each(methods)('times every number of tokens in the grid: $name', async (method) => {
    const live = model.backend.memory.liveTensors;
    const events: ProgressEvent[] = [];
    const options = { runs: 3, onProgress: (event: ProgressEvent) => void events.push(event) };
    const table = await measureLatency(model, method.blockOf, options);
    expect(table).toMatchObject({ prefix: 1, batch: 1, full: { tokens: 17 } });
    expect(table.fewer.map(({ tokens }) => tokens)).toEqual([3, 4, 7, 11, 14, 16]);
    for (const { selecting } of [table.full, ...table.fewer]) expect(selecting).toHaveLength(3);
    expect(table.rest).toBeCloseTo(table.dense - table.scale * 4 * table.full.dense);
    expect(latencyOf(table)([17, 17, 17, 17])).toBeCloseTo(table.dense);
    expect(events.map(({ done, total }) => `${done}/${total}`)).toEqual(['1/3', '2/3', '3/3']);
    expect(JSON.parse(JSON.stringify(table))).toEqual(table);
    expect(model.backend.memory.liveTensors).toBe(live);
  });

  it('works on an eager backend, and with several images per batch', async () => {
    const reference = await smallModel();
    const table = await measureLatency(reference, blockOf, { batch: 2, runs: 1 });
    expect(table.batch).toBe(2);
    expect(table.fewer).toHaveLength(6);
  });

  it('refuses a model of one block, and stops at the signal without leaks', async () => {
    const single = await smallModel(model.backend, 1);
    await expect(measureLatency(single, blockOf)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    const live = model.backend.memory.liveTensors;
    const controller = new AbortController();
    const measuring = measureLatency(model, blockOf, {
      runs: 50,
      signal: controller.signal,
      onProgress: () => controller.abort(),
    });
    await expect(measuring).rejects.toMatchObject({ code: 'ABORTED' });
    expect(model.backend.memory.liveTensors).toBe(live);
  });
});
