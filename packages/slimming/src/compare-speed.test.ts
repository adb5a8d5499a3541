/** The structure of a comparison. Speed depends on the machine and is not tested. */

import { vitMacs } from '@patchslim/flop-counter';
import type { ProgressEvent } from '@patchslim/tensor';
import { losslessPlan } from '@patchslim/vit-models';
import { describe, expect, it } from 'vitest';
import { config, smallModel } from '../test/small-model.js';
import { compareSpeed } from './compare-speed.js';

describe('compareSpeed', () => {
  it('measures every batch size and leaks no tensor', async () => {
    const model = await smallModel();
    const live = model.backend.memory.liveTensors;
    const events: ProgressEvent[] = [];
    const plan = losslessPlan(config);
    const results = await compareSpeed(model, plan, {
      batches: [1, 2],
      runs: 3,
      onProgress: (event) => events.push(event),
    });
    expect(results.map(({ batch, runs }) => [batch, runs])).toEqual([
      [1, 3],
      [2, 3],
    ]);
    for (const { speedup, spread, macRatio } of results) {
      expect(spread[0]).toBeLessThanOrEqual(speedup);
      expect(spread[1]).toBeGreaterThanOrEqual(speedup);
      expect(macRatio).toBe(vitMacs(config, plan).total / vitMacs(config).total);
    }
    expect(events.map(({ done, total }) => [done, total])).toEqual(
      [1, 2, 3, 4, 5, 6].map((done) => [done, 6]),
    );
    expect(model.backend.memory.liveTensors).toBe(live);
  });

  it('stops at the signal', async () => {
    const model = await smallModel();
    const controller = new AbortController();
    const comparing = compareSpeed(model, losslessPlan(config), {
      batches: [1],
      runs: 5,
      signal: controller.signal,
      onProgress: () => controller.abort(),
    });
    await expect(comparing).rejects.toMatchObject({ code: 'ABORTED' });
  });
});
