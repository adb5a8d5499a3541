/** Valid combinations of options; others are refused before any image is read. */

import { parseSchedule } from '@patchslim/slimming-schedules';
import { describe, expect, it } from 'vitest';
import { smallModel, smallTensors } from '../test/small-model.js';
import { watch } from '../test/watched-images.js';
import { vitConfig } from '@patchslim/vit-models';
import { methods } from './methods/methods.js';
import { patchSlimming } from './methods/patch-slimming.js';
import { parseRecovery } from './recover/parse-recovery.js';
import { readRequest, type PlanOptions } from './request.js';
import { slim } from './slim.js';

const namesOf = (options: PlanOptions) => readRequest(options).methods.map(({ name }) => name);

describe('readRequest', () => {
  it('by default takes the best of all methods at half of the multiply-accumulates', () => {
    const request = readRequest({});
    expect(request.methods).toEqual(methods);
    expect(request.schedule.spec).toBe('budget:0.5');
    expect(request.recovery).toEqual([]);
    expect(request.usesImages).toBe(true);
    expect(request.specs).toEqual(['auto', 'budget:0.5', '']);
  });

  it('accepts values and texts', () => {
    const texts = readRequest({
      ...{ method: 'patch-slimming:keys=all', schedule: 'budget:0.7', recover: 'block+distill' },
    });
    const values = readRequest({
      method: patchSlimming({ keys: 'all' }),
      schedule: parseSchedule('budget:0.7'),
      recover: parseRecovery('block+distill'),
    });
    expect(values.specs).toEqual(texts.specs);
    expect(texts.specs[2]).toMatch(/^block:.*\+distill:/);
  });

  it('uses the schedule of the paper if it has one for the model', () => {
    const scheduleOf = (method: string, config = vitConfig('deit-tiny')) =>
      readRequest({ method }, config).schedule.spec;
    expect(scheduleOf('patch-slimming')).toMatch(/^top-down:tolerance=/);
    expect(scheduleOf('tome')).toMatch(/^counts:184,171,/);
    expect(scheduleOf('ward')).toBe('budget:0.5');
    expect(scheduleOf('diffrate', vitConfig('vit-large'))).toBe('budget:0.5');
    expect(readRequest({ method: 'tome', schedule: 'budget:0.6' }).schedule.spec).toBe('budget:0.6');
  });

  it.each<[PlanOptions, boolean]>([
    [{ method: 'ward' }, false],
    [{ method: 'top-k:score=class-attention' }, false],
    [{ method: 'ward', schedule: 'search:0.5' }, true],
    [{ method: 'ward', recover: 'distill' }, true],
    [{ method: 'dps' }, true],
    [{ method: 'patch-slimming' }, true],
    [{ method: 'auto' }, true],
  ])('uses images or not, for %j', (options, uses) => {
    expect(readRequest(options).usesImages).toBe(uses);
  });

  it.each<PlanOptions>([
    { schedule: 'top-down:tolerance=0.02' },
    { recover: 'block' },
    { recover: 'distill+least-squares' },
    { method: 'auto', schedule: 'budget:0.7', recover: 'block:epochs=1' },
  ])('leaves only the method of the paper when positions must be fixed: %j', (options) => {
    expect(namesOf(options)).toEqual(['patch-slimming']);
    expect(readRequest(options).specs[0]).toBe('patch-slimming');
  });

  it('leaves all methods otherwise', () => {
    expect(namesOf({ recover: 'distill+finetune', schedule: 'search:0.5' })).toHaveLength(methods.length);
  });
});

describe('invalid combinations are refused before any image is read', () => {
  it.each<[PlanOptions, code: string, message: RegExp]>([
    [
      { method: 'ward', schedule: 'top-down:tolerance=0.02' },
      'INVALID_ARGUMENT',
      /^ward needs a schedule whose counts are known beforehand \(.*\), got 'top-down/,
    ],
    [
      { method: 'ward', recover: 'block' },
      'INVALID_ARGUMENT',
      /^'block' compares rows by their position, and ward chooses tokens image by image; take distill or finetune/,
    ],
    [
      { method: 'dps', recover: 'distill+least-squares' },
      'INVALID_ARGUMENT',
      /^'least-squares' compares rows/,
    ],
    [
      { method: 'patch-slimming', recover: 'distill:range=0.4..0.7' },
      'INVALID_ARGUMENT',
      /range=0\.4\.\.0\.7' adapts weights to plans at several budgets, and patch-slimming needs images .* ward/,
    ],
    [
      { schedule: 'top-down:tolerance=0.02', recover: 'distill:range=0.4..0.7' },
      'INVALID_ARGUMENT',
      /and top-down needs images for each plan/,
    ],
    [
      { recover: 'distill:range=0.7..0.4' },
      'INVALID_ARGUMENT',
      /range: expected two shares .* got '0.7..0.4'/,
    ],
    [{ recover: 'distill:range=0.4' }, 'INVALID_ARGUMENT', /range: expected two shares .* got '0.4'/],
    [{ method: 'wart' }, 'UNKNOWN_NAME', /did you mean ward/],
    [{ method: 'evit:score=x' }, 'UNKNOWN_NAME', /'x'/],
    [{ schedule: 'budgt:0.5' }, 'UNKNOWN_NAME', /did you mean budget/],
    [{ schedule: 'budget:50' }, 'INVALID_ARGUMENT', /50 % is budget:0.5/],
    [{ recover: 'distil' }, 'UNKNOWN_NAME', /did you mean distill/],
    [{ recover: 'distill:epochs=0' }, 'INVALID_ARGUMENT', /a number from 1/],
  ])('%j', async (options, code, message) => {
    const { images, reads } = watch(smallTensors(8));
    const refused = { code, message: expect.stringMatching(message) as string };
    await expect(slim(await smallModel(), images, options)).rejects.toMatchObject(refused);
    expect(reads).toEqual([]);
    expect(() => readRequest(options)).toThrow(expect.objectContaining(refused));
  });

  it.each(['auto', 'ward', 'dps'])('a time on another backend, for %s', async (method) => {
    const { images, reads } = watch(smallTensors(8));
    const slimming = slim(await smallModel(), images, { method, schedule: 'budget:12ms@native' });
    await expect(slimming).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: "slim(): 'budget:12ms@native' is a time on 'native', and the model is on 'reference'",
    });
    expect(reads).toEqual([]);
  });

  it.each<PlanOptions>([{}, { method: 'dps' }, { method: 'ward', schedule: 'search:0.7' }])(
    'no images, for %j',
    async (options) => {
      await expect(slim(await smallModel(), undefined, options)).rejects.toMatchObject({
        code: 'INVALID_ARGUMENT',
        message: expect.stringMatching(/expected images, got none/) as string,
      });
    },
  );
});
