/** How the playground looks and what it weighs: pictures at two widths, accessibility, and the script before the first paint. */

import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import type { Page } from 'playwright';
import { afterEach, describe, expect, it } from 'vitest';
import { violations } from './accessibility.js';
import { differenceFromWanted } from './screenshots.js';
import { visitPlayground, type Visit } from './visit.js';

const looks = [
  { name: 'desktop', width: 1280, height: 900, dark: false },
  { name: 'desktop-dark', width: 1280, height: 900, dark: true },
  { name: 'phone', width: 390, height: 844, dark: false },
  { name: 'phone-dark', width: 390, height: 844, dark: true },
] as const;

/** Share of pixels that another build of Chromium may draw otherwise. */
const tolerance = 0.01;

let visit: Visit | undefined;
afterEach(async () => {
  await visit?.close();
  visit = undefined;
});

async function open(): Promise<Page> {
  visit = await visitPlayground({ webgpu: false });
  const { page } = visit;
  await page.getByText(/^Block 4 of 8 computes/).waitFor({ timeout: 120_000 });
  // Why there is no WebGPU is told otherwise by other versions of Chromium.
  await page.getByLabel('Runs on').selectOption('WebAssembly');
  await page.getByText('Not on WebGPU').waitFor({ state: 'detached' });
  await page.getByText(/^Block 4 of 8 computes/).waitFor({ timeout: 120_000 });
  return page;
}

describe('the playground', { timeout: 240_000 }, () => {
  it('looks as it should and is accessible, on a desktop and a phone, light and dark', async () => {
    const page = await open();
    const mask = [page.getByText(/Runs in WebAssembly/)]; // threads depend on the machine
    for (const { name, width, height, dark } of looks) {
      await page.setViewportSize({ width, height });
      await page.emulateMedia({ colorScheme: dark ? 'dark' : 'light', reducedMotion: 'reduce' });
      const png = await page.screenshot({ fullPage: true, mask, animations: 'disabled' });
      expect(await differenceFromWanted(`playground-${name}`, png), name).toBeLessThan(tolerance);
      expect(await violations(page), name).toEqual([]);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect(overflow, `${name}: pixels to scroll sideways`).toBeLessThanOrEqual(0);
    }
    expect(visit!.problems).toEqual([]);
  });

  it('paints before 300 kB of script', async () => {
    visit = await visitPlayground({ webgpu: false });
    const { page } = visit;
    await page.getByRole('heading', { name: 'Playground', level: 1 }).waitFor();
    await page.getByText(/^Block 4 of 8 computes/).waitFor({ timeout: 120_000 });
    const { paint, scripts } = await page.evaluate(() => {
      const painted = performance.getEntriesByName('first-contentful-paint')[0]!.startTime;
      const loaded = performance.getEntriesByType('resource') as PerformanceResourceTiming[];
      return {
        paint: painted,
        scripts: loaded
          .filter(({ name }) => /\.m?js$/.test(name))
          .map(({ name, startTime }) => ({ name, startTime })),
      };
    });
    const before = scripts.filter(({ startTime }) => startTime <= paint);
    const size = await gzipSize(before.map(({ name }) => name));
    console.log(`script before the first paint: ${(size / 1000).toFixed(0)} kB gzip, ${before.length} files`);
    expect(before.length).toBeGreaterThan(0);
    expect(size).toBeLessThan(300_000);
  });
});

async function gzipSize(addresses: readonly string[]): Promise<number> {
  const dist = fileURLToPath(new URL('../../.vitepress/dist', import.meta.url));
  const files = await Promise.all(addresses.map((address) => readFile(dist + new URL(address).pathname)));
  return files.reduce((sum, file) => sum + gzipSync(file).length, 0);
}
