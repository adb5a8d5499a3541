/** The plans of papers, and every method at one schedule. */

import { vitMacs } from '@patchslim/flop-counter';
import { blocksFor, formatPlan, parsePlan, type SlimPlan } from '@patchslim/slimming-schedules';
import { traceCounts, vitConfig, type VitModel } from '@patchslim/vit-models';
import { describe, expect, it } from 'vitest';
import { slim } from '../slim.js';
import { methods } from './methods.js';

/** A model without weights: nothing runs. */
const planned = (name: string) => ({ config: vitConfig(name), fingerprint: 'f' }) as VitModel;
const planOf = async (model: VitModel, method: string, schedule?: string): Promise<SlimPlan> =>
  (await slim(model, undefined, { method, schedule })).plan;
const countsOf = async (method: string, name: string) => {
  const model = planned(name);
  const plan = await planOf(model, method);
  return traceCounts(model.config, blocksFor(plan, model)).map(({ kept }) => kept);
};

describe('budget:0.5', () => {
  it('removes tokens in few blocks where the method loses nothing by it, else in many', async () => {
    const model = planned('deit-tiny');
    const choosing = async (method: string, schedule = 'budget:0.5') =>
      (await planOf(model, method, schedule)).blocks.filter(({ kind }) => kind === 'reduce').length;
    expect(await choosing('ward')).toBe(5);
    expect(await choosing('ward', 'budget:0.4')).toBe(9);
    expect(await choosing('evit')).toBe(9);
  });
});

describe('the plan of a paper', () => {
  it.each([
    ['tome', [184, 171, 158, 145, 132, 119, 106, 93, 80, 67, 54, 1]],
    ['mctf', [181, 165, 149, 133, 117, 101, 85, 69, 53, 37, 21, 1]],
    ['evit', [197, 197, 197, 140, 140, 140, 100, 100, 100, 72, 72, 1]],
    ['tps', [197, 197, 197, 139, 139, 139, 98, 98, 98, 69, 69, 1]],
    ['evo-vit', [197, 197, 197, 197, 100, 100, 100, 100, 100, 100, 100, 1]],
  ])('of %s for DeiT', async (method, counts) => {
    for (const name of ['deit-tiny', 'deit-base']) expect(await countsOf(method, name)).toEqual(counts);
  });

  it('of DiffRate has the published numbers and cost', async () => {
    expect(await countsOf('diffrate', 'deit-small')).toEqual([
      197, 194, 176, 156, 141, 133, 121, 107, 88, 64, 56, 3,
    ]);
    for (const [name, published] of [
      ['deit-tiny', 0.7264],
      ['deit-small', 2.905],
      ['deit-base', 11.5166],
    ] as const) {
      const model = planned(name);
      const plan = await planOf(model, 'diffrate');
      const { total, reducing } = vitMacs(model.config, blocksFor(plan, model));
      expect((total - reducing.reduce((a, b) => a + b, 0)) / 1e9).toBeCloseTo(published, 4);
      expect(plan.provenance.schedule).toMatch(/^counts:197,/);
    }
  });

  it('is half of the multiply-accumulates if the paper has none', async () => {
    for (const [method, name] of [
      ['ward', 'deit-tiny'],
      ['diffrate', 'vit-large'],
      ['diffrate', 'deit-tiny-distilled'],
    ] as const) {
      const { provenance } = await planOf(planned(name), method);
      expect(provenance.schedule).toBe('budget:0.5');
      expect(provenance.macs.slimmed / provenance.macs.dense).toBeLessThanOrEqual(0.5);
    }
  });
});

const runTime = methods.filter(({ plan }) => !plan);

it.each(runTime)('$name reaches a budget, and its plan is read back', async ({ name }) => {
  for (const model of [planned('deit-tiny'), planned('deit-tiny-distilled')]) {
    const plan = await planOf(model, name, 'budget:0.6');
    const { dense, slimmed } = plan.provenance.macs;
    expect(slimmed / dense).toBeLessThanOrEqual(0.6);
    expect(slimmed / dense).toBeGreaterThan(0.585);
    expect(parsePlan(formatPlan(plan))).toEqual(plan);
  }
});
