/** `patchslim compare` on the embedded model. */

import { imageFolder, modelFolder } from '@patchslim/fashion-vit';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findStep, parsePlan } from '@patchslim/slimming-schedules';
import { expect, it } from 'vitest';
import { runMain, runMainJson } from './main.js';
import { link } from '@patchslim/testing/platform';
import { temporaryFolder, tinyConfig, writeTinyModel } from './tiny-model.js';

interface Compared {
  readonly images: number;
  readonly dense: { readonly top1: number };
  readonly plans: readonly {
    readonly method: string;
    readonly macShare: number;
    readonly top1: number;
    readonly change: { readonly mean: number };
    readonly agreement: number;
    readonly divergence: number;
    readonly recovery?: string;
  }[];
}

/** The first `perClass` images of each of the ten classes. */
async function fewImages(folder: string, perClass: number): Promise<string> {
  const images = fileURLToPath(imageFolder);
  for (const name of await readdir(images)) {
    await mkdir(join(folder, name), { recursive: true });
    for (const file of (await readdir(join(images, name))).toSorted().slice(0, perClass)) {
      await link(join(images, name, file), join(folder, name, file));
    }
  }
  return folder;
}

const command = (out: string, ...more: string[]) => [
  ...['compare', 'custom', '--weights', fileURLToPath(modelFolder), '--data', fileURLToPath(imageFolder)],
  ...['--out', out, '--runs', '0', ...more],
];

it('measures every method at every budget on the same images, and writes every plan', async () => {
  const folder = await temporaryFolder();
  const out = join(folder, 'out');
  const data = await fewImages(join(folder, 'images'), 4);
  const options = [
    '--methods',
    'ward,dps,patch-slimming',
    '--schedules',
    'budget:0.6,budget:0.8',
    '--images',
    '15',
    '--data',
    data,
  ];
  const { images, dense, plans } = await runMainJson<Compared>(...command(out, ...options));
  expect(images).toBe(25);
  expect(plans.map(({ method }) => method)).toEqual(
    ['ward', 'dps', 'patch-slimming'].flatMap((method) => [method, method]),
  );
  for (const [i, plan] of plans.entries()) {
    expect(plan.macShare).toBeLessThanOrEqual([0.6, 0.8][i % 2]!);
    expect(plan.macShare).toBeGreaterThan([0.6, 0.8][i % 2]! - 0.03);
    expect(plan.change.mean).toBeCloseTo(plan.top1 - dense.top1, 6);
    expect(plan.agreement).toBeGreaterThan(60);
  }
  expect(await readdir(out)).toEqual([
    ...['accuracy-by-macs.svg', 'agreement-by-macs.svg', 'compare.html', 'compare.json'],
    ...['dps-budget-0.6.plan.json', 'dps-budget-0.8.plan.json'],
    ...['patch-slimming-budget-0.6.plan.json', 'patch-slimming-budget-0.8.plan.json'],
    ...['ward-budget-0.6.plan.json', 'ward-budget-0.8.plan.json'],
  ]);
  expect(await readFile(join(out, 'compare.html'), 'utf8')).toContain('patch-slimming');
});

it('measures on every image with folds, the same whatever is asked for besides', async () => {
  const folder = await temporaryFolder();
  const data = await fewImages(join(folder, 'images'), 3);
  const tiny = await writeTinyModel(join(folder, 'tiny.safetensors'), { ...tinyConfig, classes: 10 });
  const folded = (...more: string[]) => {
    const options = ['--schedules', 'budget:0.7', '--images', '10', '--folds', '3', '--data', data, ...more];
    options.push('--weights', tiny);
    return runMainJson<Compared>(...command(join(folder, 'out'), ...options));
  };
  const both = await folded('--methods', 'patch-slimming,ward');
  expect(both.images).toBe(30);
  expect(both.plans.map(({ method }) => method)).toEqual(['patch-slimming', 'ward']);
  const alone = await folded('--methods', 'ward');
  expect(alone.plans[0]).toEqual(both.plans[1]);
  expect(alone.dense).toEqual(both.dense);
});

it('compares with weights adapted to every plan', { timeout: 300_000 }, async () => {
  const folder = await temporaryFolder();
  const compared = (...more: string[]) => {
    const options = [
      '--methods',
      'ward',
      '--schedules',
      'budget:0.4',
      '--images',
      '64',
      '--limit',
      '60',
      ...more,
    ];
    return runMainJson<Compared>(...command(join(folder, 'out'), ...options));
  };
  const [plain] = (await compared()).plans;
  const [adapted] = (await compared('--recover', 'distill:epochs=2')).plans;
  expect(adapted!.macShare).toBe(plain!.macShare);
  expect(adapted!.recovery).toMatch(/^distill:epochs=2,/);
  expect(adapted!.divergence).toBeLessThan(plain!.divergence);
});

it('keeps apart settings of a method, and auto from the method that it chooses', async () => {
  const folder = await temporaryFolder();
  const out = join(folder, 'out');
  const data = await fewImages(join(folder, 'images'), 2);
  const asked = ['auto', 'ward', 'top-k:score=value-norm,rest=fuse', 'patch-slimming:score=uniform,keys=all'];
  const tiny = await writeTinyModel(join(folder, 'tiny.safetensors'), { ...tinyConfig, classes: 10 });
  const options = ['--methods', asked.join(','), '--schedules', 'budget:0.8', '--data', data];
  options.push('--weights', tiny);
  const { plans } = await runMainJson<Compared>(...command(out, ...options));
  expect(plans.map(({ method }) => method)).toEqual(asked);
  const files = (await readdir(out)).filter((name) => name.endsWith('.plan.json'));
  expect(files).toEqual([
    ...['auto-budget-0.8.plan.json', 'patch-slimming-score-uniform-keys-all-budget-0.8.plan.json'],
    ...['top-k-score-value-norm-rest-fuse-budget-0.8.plan.json', 'ward-budget-0.8.plan.json'],
  ]);
  const plan = parsePlan(await readFile(join(out, files[0]!), 'utf8'));
  expect(findStep(plan.provenance, 'chosen')?.candidates[0]?.method).toBe(plan.provenance.method);
});

it('says which method cannot do a schedule, and measures the others', async () => {
  const folder = await temporaryFolder();
  const data = await fewImages(join(folder, 'images'), 1);
  const options = ['--methods', 'dps,patch-slimming', '--schedules', 'search:0.8,budget:0.8', '--data', data];
  const { status, stdout, stderr } = await runMain(command(join(folder, 'out'), ...options, '--json'));
  expect(status).toBe(0);
  const { plans, refused } = JSON.parse(stdout) as Compared & { refused: object[] };
  expect(plans.map(({ method }) => method)).toEqual(['dps', 'patch-slimming']);
  expect(refused).toMatchObject(
    ['dps', 'patch-slimming'].map((method) => ({ method, schedule: 'search:0.8' })),
  );
  expect(stderr.match(/^\S+ cannot do search:0\.8: /gm)).toHaveLength(2);
});

it.each([
  [['--methods', 'ward,magic'], /--methods: unknown method 'magic'/],
  [['--schedules', 'budget:2'], /--schedules: .*share in \(0, 1\]/],
  [['--schedules', 'budget:3ms@webgpu'], /--schedules: .* needs --backend webgpu, got 'native'/],
  [['--folds', '1'], /--folds/],
  [
    ['--methods', 'ward', '--schedules', 'top-down:tolerance=0.1'],
    /: ward needs a schedule whose counts are known/,
  ],
  [['--methods', 'dps', '--recover', 'block'], /: 'block' compares rows by their position, and dps chooses/],
])('refuses %j, before anything is read', async (options, message) => {
  const { status, stderr } = await runMain(command('nowhere', '--data', 'nowhere', ...options));
  expect([status, stderr]).toEqual([2, expect.stringMatching(message)]);
});
