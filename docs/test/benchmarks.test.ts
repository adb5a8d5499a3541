/** The page of benchmarks is what the results say, and the results say where they come from. */

import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { BenchResults } from '@patchslim/testing';
import { describe, expect, it } from 'vitest';
import { benchmarks } from '../scripts/benchmarks.js';
import { benchmarksPage, renderBenchmarksPage } from '../scripts/benchmarks-page.js';
import { readPage, root } from './pages.js';

describe('guide/benchmarks.md', async () => {
  const folder = join(root, 'docs/benchmarks');
  const files = (await readdir(folder)).filter((file) => file.endsWith('.json'));

  it('has the results in docs/benchmarks', async () => {
    expect(await renderBenchmarksPage()).toBe(await readPage(benchmarksPage.slice(root.length)));
  });

  it('leaves out no file', () => {
    const known = benchmarks.map(({ name }) => name);
    expect(files.length).toBeGreaterThan(0);
    expect(files.map((file) => basename(file, '.json')).filter((name) => !known.includes(name))).toEqual([]);
  });

  it.each(files)('%s tells machine, versions and date, and ratios with their spread', async (file) => {
    const results = JSON.parse(await readFile(join(folder, file), 'utf8')) as BenchResults;
    expect(results.date).toMatch(/^\d{4}-\d\d-\d\dT/);
    expect(results.versions).toHaveProperty('node');
    expect(results.machine.cores).toBeGreaterThan(0);
    expect(results.measurements.length).toBeGreaterThan(0);
    for (const { sides, rounds } of results.measurements) {
      expect(rounds).toBeGreaterThan(0);
      for (const { low, median, high } of sides) {
        expect(low).toBeLessThanOrEqual(median);
        expect(median).toBeLessThanOrEqual(high);
        expect(low).toBeGreaterThan(0);
      }
    }
  });
});
