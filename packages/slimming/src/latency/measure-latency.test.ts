/** A measured table has the structure that a cost is computed from. How long things take is not asserted. */

import { createOnnxBackend } from '@patchslim/backend-onnx';
import { parseSchedule } from '@patchslim/slimming-schedules';
import type { ProgressEvent } from '@patchslim/tensor';
import { describe, expect, it } from 'vitest';
import { smallModel } from '../../test/small-model.js';
import { firstTokens, type EntryOf } from '../counted-plan.js';
import { latencyOf, measureLatency, runtimeMethods, scheduleCost, slimAtRunTime } from '../index.js';

const model = await smallModel(await createOnnxBackend({ threads: 1 }));
const ward = runtimeMethods[0]!;
const kinds: readonly (readonly [string, EntryOf])[] = [
  ...runtimeMethods.map(({ name, entry }) => [name, entry] as const),
  ['static positions', (count) => firstTokens(count, 'compact')],
];

describe('measureLatency', () => {
  it.each(kinds)('times every number of tokens that the grid asks for: %s', async (_, entryOf) => {
    const live = model.backend.memory.liveTensors;
    const events: ProgressEvent[] = [];
    const options = { runs: 3, onProgress: (event: ProgressEvent) => void events.push(event) };
    const table = await measureLatency(model, entryOf, options);
    expect(table).toMatchObject({ prefix: 1, batch: 1, full: { tokens: 17 } });
    expect(table.fewer.map(({ tokens }) => tokens)).toEqual([3, 4, 7, 11, 14, 16]);
    for (const { selecting } of [table.full, ...table.fewer]) expect(selecting).toHaveLength(3);
    expect(table.rest).toBeCloseTo(table.dense - table.scale * 4 * table.full.dense);
    expect(latencyOf(table)([17, 17, 17, 17])).toBeCloseTo(table.dense);
    expect(events.map(({ done, total }) => `${done}/${total}`)).toEqual(['1/3', '2/3', '3/3']);
    expect(JSON.parse(JSON.stringify(table))).toEqual(table);
    expect(model.backend.memory.liveTensors).toBe(live);
  });

  it('works where ops run at once, and with several images at a time', async () => {
    const reference = await smallModel();
    const table = await measureLatency(reference, ward.entry, { batch: 2, runs: 1 });
    expect(table.batch).toBe(2);
    expect(table.fewer).toHaveLength(6);
  });

  it('refuses a model of one block, and stops when told, leaving nothing open', async () => {
    const single = await smallModel(model.backend, 1);
    await expect(measureLatency(single, ward.entry)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    const live = model.backend.memory.liveTensors;
    const controller = new AbortController();
    const measuring = measureLatency(model, ward.entry, {
      runs: 50,
      signal: controller.signal,
      onProgress: () => controller.abort(),
    });
    await expect(measuring).rejects.toMatchObject({ code: 'ABORTED' });
    expect(model.backend.memory.liveTensors).toBe(live);
  });
});

describe('scheduleCost', () => {
  it('computes a share, and measures a time on the backend it names', async () => {
    const share = await scheduleCost(model, parseSchedule('budget:0.8'), ward.entry);
    expect(share.latency).toBeUndefined();
    expect(share.costOf([17, 17, 17, 17])).toBe(1);
    const schedule = parseSchedule('budget:1000ms@native');
    const time = await scheduleCost(model, schedule, ward.entry);
    expect(time.costOf([17, 17, 17, 17])).toBeCloseTo(time.latency!.dense);
    const plan = slimAtRunTime(model, ward, schedule, time);
    expect(plan.provenance).toMatchObject({
      schedule: 'budget:1000ms@native',
      latency: { backend: 'native', batch: 1 },
    });
    expect(plan.blocks.map(({ kind }) => kind)).toEqual(['dense', 'dense', 'dense', 'keep']);
  });

  it('refuses a time on another backend, and a time without a measurement', async () => {
    const schedule = parseSchedule('budget:12ms@webgpu');
    await expect(scheduleCost(model, schedule, ward.entry)).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining("is a time on 'webgpu', and the model is on 'native'") as string,
    });
    expect(() => slimAtRunTime(model, ward, schedule)).toThrow(/is a time, and no measured cost/);
  });
});
