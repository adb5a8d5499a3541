import { isPatchslimError } from '@patchslim/tensor';
import fc from 'fast-check';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { axisOf } from './axis.js';
import { plotCurves } from './plot-curves.js';

const labels = { title: 'Accuracy over cost', xLabel: 'GMACs', yLabel: 'top-1, %' };

describe('plotCurves', () => {
  test('puts points in proportion to their values', () => {
    const svg = plotCurves({
      ...labels,
      series: [
        {
          name: 'impact',
          points: [
            [1, 70],
            [2, 80],
            [4, 75],
          ],
        },
      ],
    });
    const line = /<polyline points="([^"]*)"/.exec(svg)![1]!;
    const [x0 = NaN, y0 = NaN, x1 = NaN, y1 = NaN, x2 = NaN, y2 = NaN] = line.split(/[ ,]/).map(Number);
    expect((x2 - x0) / (x1 - x0)).toBeCloseTo(3, 1);
    expect((y2 - y0) / (y1 - y0)).toBeCloseTo(0.5, 1);
    // Up on the page is a smaller coordinate.
    expect(y1).toBeLessThan(y0);
  });

  test('is a picture of its own with a legend, and differs curve by curve', async () => {
    const names = ['impact', 'random & co', '<b>', 'd', 'e', 'f', 'g', 'h'];
    const series = names.map((name, i) => ({
      name,
      points: [
        [i, i],
        [i + 1, i * i],
      ] as [number, number][],
    }));
    const svg = plotCurves({ ...labels, series });
    await expect(sharp(Buffer.from(svg)).metadata()).resolves.toMatchObject({ format: 'svg', height: 394 });
    expect(svg).toContain('>random &amp; co</text>');
    expect(svg).toContain('>&lt;b&gt;</text>');
    const looks = [...svg.matchAll(/<path d="([^"]*)" fill="(#[^"]*)"\/>/g)].slice(-names.length);
    expect(new Set(looks.map(([, d, fill]) => d!.replace(/^M\S+ \S+?(?=[a-z])/, '') + fill!)).size).toBe(
      names.length,
    );
  });

  test.each([
    ['nothing', []],
    ['a curve without points', [{ name: 'a', points: [] }]],
    ['infinity', [{ name: 'a', points: [[0, Infinity] as const] }]],
    ['NaN', [{ name: 'a', points: [[NaN, 0] as const] }]],
  ])('refuses %s', (_, series) => {
    expect.assertions(1);
    try {
      plotCurves({ ...labels, series });
    } catch (error) {
      expect(isPatchslimError(error, 'INVALID_ARGUMENT')).toBe(true);
    }
  });
});

describe('axisOf', () => {
  test('takes steps of 1, 2 or 5', () => {
    expect(axisOf([1, 12], 6).ticks).toEqual([0, 2, 4, 6, 8, 10, 12]);
    const axis = axisOf([79.42, 79.8], 5);
    expect(axis.ticks.map(axis.format)).toEqual(['79.4', '79.5', '79.6', '79.7', '79.8']);
    const single = axisOf([5], 5);
    expect(single.ticks.map(single.format)).toEqual(['4.4', '4.6', '4.8', '5.0', '5.2', '5.4', '5.6']);
  });

  test('encloses any values with few, distinct, even ticks', () => {
    const value = fc.integer({ min: -1_000_000, max: 1_000_000 }).map((n) => n / 1000);
    fc.assert(
      fc.property(
        fc.array(value, { minLength: 1, maxLength: 20 }),
        fc.integer({ min: 3, max: 8 }),
        (values, intervals) => {
          const { min, max, ticks, format } = axisOf(values, intervals);
          const slack = (max - min) * 1e-6;
          expect(min).toBeLessThanOrEqual(Math.min(...values) + slack);
          expect(max).toBeGreaterThanOrEqual(Math.max(...values) - slack);
          expect(ticks.length).toBeLessThanOrEqual(intervals + 3);
          expect(new Set(ticks.map(format)).size).toBe(ticks.length);
        },
      ),
    );
  });
});
