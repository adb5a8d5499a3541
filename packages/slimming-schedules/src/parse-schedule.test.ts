/** Schedules as text. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tinyConfig, toyOracle } from '../test/toy.js';
import {
  budgetSchedule,
  constantSchedule,
  countsSchedule,
  errorNorms,
  keepRatioSchedule,
  parseSchedule,
  scheduleFormats,
  topDownSchedule,
  type Schedule,
} from './index.js';

const schedules: fc.Arbitrary<Schedule> = fc.oneof(
  fc.array(fc.nat(600), { minLength: 1 }).map(countsSchedule),
  fc.nat(600).map(constantSchedule),
  fc.double({ min: 0, minExcluded: true, max: 1, noNaN: true }).map((share) => budgetSchedule(share)),
  fc
    .tuple(fc.double({ min: 1e-300, max: 1e300, noNaN: true }), fc.constantFrom('native', 'tfjs-wasm'))
    .map(([ms, backend]) => budgetSchedule(ms, backend)),
  fc
    .tuple(
      fc.double({ min: 0, minExcluded: true, max: 1, noNaN: true }),
      fc.array(fc.nat(50), { minLength: 1 }),
    )
    .map(([ratio, blocks]) => keepRatioSchedule(ratio, blocks)),
  fc
    .record({
      tolerance: fc.double({ min: 0, max: 1e6, noNaN: true }),
      granularity: fc.integer({ min: 1, max: 1000 }),
      norm: fc.constantFrom(...errorNorms),
    })
    .map(topDownSchedule),
);

describe('parseSchedule', () => {
  it('reads back the text of every schedule', () => {
    fc.assert(
      fc.property(schedules, (schedule) => {
        const read = parseSchedule(schedule.spec);
        expect([read.name, read.spec, read.needsErrors]).toEqual([
          schedule.name,
          schedule.spec,
          schedule.needsErrors,
        ]);
      }),
    );
  });

  it('reads back the same schedule, not only its text', async () => {
    const network = { config: tinyConfig, scores: [0, 1, 2].map(() => [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]) };
    const planOf = async (text: string) => (await parseSchedule(text).plan(toyOracle(network))).plan;
    expect(await planOf('counts:10,4,1')).toMatchObject([{ kind: 'dense' }, { keep: [0, 7, 8, 9] }, {}]);
    expect(await planOf('constant:4')).toMatchObject([{ keep: [0, 5, 6, 7, 8, 9] }, { keep: [0, 9] }, {}]);
    expect(await planOf('budget:0.6')).toMatchObject([
      { kind: 'dense' },
      { keep: [0, 4, 5, 6, 7, 8, 9] },
      {},
    ]);
    expect(await planOf('keep-ratio:0.5@2')).toMatchObject([
      { kind: 'dense' },
      { keep: [0, 5, 6, 7, 8, 9] },
      {},
    ]);
    expect(await planOf('top-down:tolerance=12,granularity=5,norm=sum')).toMatchObject([
      { keep: [0, 5, 6, 7, 8, 9] },
      { keep: [0, 5, 6, 7, 8, 9] },
      {},
    ]);
  });

  it('distinguishes a time from a share', () => {
    expect(parseSchedule('budget:12ms@native').budget).toEqual({ most: 12, backend: 'native' });
    expect(parseSchedule('budget:0.5').budget).toEqual({ most: 0.5 });
    expect(parseSchedule('budget:12ms@onnx-cpu')).toMatchObject({
      spec: 'budget:12ms@native',
      budget: { most: 12, backend: 'native' },
    });
    expect(parseSchedule('constant:3').budget).toBeUndefined();
  });

  it('fills in the defaults of top-down', () => {
    expect(parseSchedule('top-down:tolerance=0.02').spec).toBe(
      'top-down:tolerance=0.02,granularity=10,norm=relative',
    );
  });

  it.each([
    ['keep-rato:0.7@4', 'UNKNOWN_NAME', "unknown schedule 'keep-rato'; did you mean keep-ratio"],
    ['', 'UNKNOWN_NAME', 'known: budget, constant, counts, keep-ratio, search, top-down'],
    ['counts', 'INVALID_ARGUMENT', "'' does not read as counts:197,197,160,…"],
    ['counts:197,x', 'INVALID_ARGUMENT', "'x' does not read as counts:"],
    ['counts:197,', 'INVALID_ARGUMENT', "'' does not read as counts:"],
    ['keep-ratio:0.7', 'INVALID_ARGUMENT', "'0.7' does not read as keep-ratio:0.7@4,7,10"],
    ['keep-ratio:0.7@4@7', 'INVALID_ARGUMENT', 'does not read as keep-ratio'],
    ['keep-ratio:1.5@4', 'INVALID_ARGUMENT', 'expected a ratio in (0, 1]'],
    ['keep-ratio:0@4', 'INVALID_ARGUMENT', 'expected a ratio in (0, 1]'],
    ['keep-ratio:0.7@', 'INVALID_ARGUMENT', "'' does not read as keep-ratio"],
    ['budget:50', 'INVALID_ARGUMENT', 'expected a share in (0, 1], got 50; 50 % is budget:0.5'],
    ['budget:62.5%', 'INVALID_ARGUMENT', "expected a share in (0, 1], got '62.5%'; 62.5 % is budget:0.625"],
    ['budget:12ms', 'INVALID_ARGUMENT', "'12ms' does not read as budget:0.5"],
    ['budget:12ms@', 'INVALID_ARGUMENT', "'12ms@' does not read as budget:0.5"],
    ['budget:xms@native', 'INVALID_ARGUMENT', "'x' does not read as budget:0.5"],
    ['budget:0ms@native', 'INVALID_ARGUMENT', 'expected a time above 0 ms, got 0'],
    ['top-down:', 'INVALID_ARGUMENT', 'does not read as top-down:tolerance=0.02'],
    ['top-down:granularity=5', 'INVALID_ARGUMENT', 'expected tolerance ≥ 0'],
    ['top-down:tolerance=low', 'INVALID_ARGUMENT', "'low' does not read as top-down"],
    ['top-down:tolerance=0.02,steps=3', 'INVALID_ARGUMENT', 'does not read as top-down'],
    ['top-down:tolerance=0.02,norm=mena', 'UNKNOWN_NAME', "unknown error norm 'mena'; did you mean mean"],
  ])("refuses '%s'", (text, code, message) => {
    expect(() => parseSchedule(text)).toThrow(expect.objectContaining({ code }));
    expect(() => parseSchedule(text)).toThrow(message);
  });

  it('lists every format with an example that starts with its name', () => {
    for (const { name, usage } of scheduleFormats) expect(usage.startsWith(`${name}:`)).toBe(true);
  });

  it('refuses a keep-ratio schedule without blocks', () => {
    expect(() => keepRatioSchedule(0.5, [])).toThrow('at least one block');
  });
});
