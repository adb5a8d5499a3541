/** The pages made of committed results say what the results say; the renderers know each outcome. */

import { expect, it } from 'vitest';
import type { KitResults } from '@patchslim/cuda-kit';
import { parseKitResults } from '@patchslim/cuda-kit';
import type { ConsumerResults } from '@patchslim/package-tests/consumer-results';
import { consumersPage, renderConsumers, renderConsumersPage } from '../scripts/consumers-page.js';
import { judgedPage, renderJudged, renderJudgedPage } from '../scripts/judged-page.js';
import { cudaPage, renderCudaPage, renderKitResults } from '../scripts/cuda-page.js';
import { readPage, root } from './pages.js';

it('guide/consumers.md has the results of docs/results/consumers.json', async () => {
  expect(await renderConsumersPage()).toBe(await readPage(consumersPage.slice(root.length)));
});

it('guide/judged-plans.md has the results of docs/results/judged.json', async () => {
  expect(await renderJudgedPage()).toBe(await readPage(judgedPage.slice(root.length)));
});

it('the table of judged plans has the nearest first, and tells who learned', () => {
  const machine = { cpu: 'C', cores: 2, memoryGiB: 24, platform: 'linux-x64', load: 0.5 };
  const far = {
    ...{ method: 'tome', schedule: 'budget:0.5', macs: 0.5, agreement: 88 },
    top1: { percent: 76.5, change: -3, interval: [-4.7, -1.3] },
    divergence: { mean: 0.138, interval: [0.12, 0.15] },
    speed: [{ batch: 1, ratio: 1.5, quartiles: [1.4, 1.6], denseMs: 16, slimmedMs: 11 }],
    ...{ nodes: { dense: 300, slimmed: 500 }, date: '2026-12-01', command: 'first', machine },
  } as const;
  const near = {
    ...{ ...far, method: 'ward', command: 'second' },
    divergence: { mean: 0.03, interval: [0.02, 0.04] },
    adapted: { recovery: 'distill:epochs=4', set: 'photos', learned: 800, chose: 100 },
  } as const;
  const judges = { name: 's', images: 9, top1: 79.5 };
  const text = renderJudged({ model: 'm', judges, plans: [far, near] });
  expect(text).toContain('judged on 9 images of `s`, dense 79.5 %');
  const rows = text.split('\n').filter((line) => /^\| `/.test(line));
  const cells = rows.map((row) => row.split('|').map((cell) => cell.trim()).slice(1, -1)); // prettier-ignore
  expect(cells.map((row) => row.slice(0, 4))).toEqual([
    ['`ward`', '`distill:epochs=4`', '50.0 %', '0.0300 (0.0200 to 0.0400)'],
    ['`tome`', 'unchanged', '50.0 %', '0.1380 (0.1200 to 0.1500)'],
  ]);
  expect(cells[1]!.slice(4)).toEqual([
    ...['76.5 %, −3.0 (−4.7 to −1.3)', '88.0 %', '1.50 × (1.40 to 1.60)', '–', '500', '2026-12-01'],
  ]);
  expect(text).toContain('- `distill:epochs=4`: 800 images of `photos` learned, 100 others chose the epoch');
  expect(text).toMatch(/first\nsecond/);
});

it('recipes/run-on-cuda.md has the results of docs/results/cuda', async () => {
  expect(await renderCudaPage()).toBe(await readPage(cudaPage.slice(root.length)));
});

it('the table of consumers shows what passed, what failed and what was not tried', () => {
  const passed = { status: 'passed', seconds: 1.4 } as const;
  const built = { date: '2026-12-01T10:00:00.000Z', commit: 'abc1234', install: passed };
  const results: ConsumerResults = {
    version: '1.2.3',
    node: '20.20.0',
    platform: 'linux-x64',
    published: ['a', 'b'],
    versions: { nx: '23.2.1' },
    managers: [
      {
        name: 'npm',
        version: '11.0.0',
        ...built,
        consumers: { ESM: { status: 'failed', seconds: 2, error: 'broken\nstack' } },
      },
      {
        name: 'Bun',
        version: '1.0.0',
        ...built,
        consumers: { ESM: { status: 'not tried', reason: 'no time' } },
      },
    ],
  };
  const text = renderConsumers(results);
  expect(text).toContain('2 packages of version 1.2.3, Node 20.20.0 on linux-x64. nx 23.2.1.');
  expect(text).toMatch(/\| ESM +\| ✗ +\| – +\|/);
  expect(text).toMatch(/\| commit +\| abc1234 +\| abc1234 +\|/);
  expect(text).toContain('- ESM with npm: failed: broken\n- ESM with Bun: not tried: no time');
});

it('the table of a machine shows counts, differences, speed and reasons', () => {
  const passed = { status: 'passed', seconds: 1 } as const;
  const plan = {
    ...passed,
    model: 'm',
    images: 4,
    kept: [3],
    differing: [[]],
    scoreDifference: 2e-6,
    tolerance: 1e-4,
  };
  const results: KitResults = parseKitResults({
    format: 'patchslim-cuda-kit',
    version: 1,
    date: '2026-12-01T10:00:00.000Z',
    patchslim: { version: '1.2.3', commit: null },
    options: {},
    environment: {
      ...{ node: '20.20.0', platform: 'linux-x64', cpu: 'some CPU', cores: 8, memoryGiB: 64, load: 0 },
      gpus: {
        ...passed,
        list: [{ name: 'Some GPU', memory: '80 GiB', driver: '570.1', computeCapability: '9.0' }],
        cuda: '12.8',
      },
      cudaToolkit: { status: 'unavailable', reason: 'nvcc is not installed' },
      cudnn: { ...passed, files: ['libcudnn.so.9'] },
      vulkan: { status: 'unavailable', reason: 'vulkaninfo is not installed' },
      packages: {},
    },
    setUp: [],
    backends: [
      {
        ...{
          name: 'cuda',
          open: passed,
          plan,
          planWithTf32: { ...plan, status: 'failed', reason: 'other tokens' },
        },
        conformance: { ...passed, cases: 760, passed: 760, failures: [] },
        pipeline: { status: 'not asked for' },
        speed: {
          ...{ ...passed, model: 'deit-small' },
          timings: [
            {
              plan: 'ward 0.5',
              batch: 8,
              denseMs: 2,
              slimmedMs: 1,
              speedup: 2,
              quartiles: [1.9, 2.1],
              macRatio: 0.5,
              pairs: 30,
            },
          ],
        },
      },
    ],
  });
  const text = renderKitResults(results);
  expect(text).toContain('### Some GPU, driver 570.1');
  expect(text).toMatch(/\| cuda +\| ✓ +\| 760 of 760 +\| +\| ✓ \(scores to 2e-6\) +\| ✗ \(scores to 2e-6\)/);
  expect(text).toMatch(/\| cuda +\| ward 0.5 +\| 8 +\| 2.00 +\| 1.00 +\| 2.00 \(1.90–2.10\) +\| 0.50 +\|/);
  expect(text).toContain('- cuda, planWithTf32: failed: other tokens');
});
