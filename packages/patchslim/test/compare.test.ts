/** `patchslim compare` on the embedded model. */

import { imageFolder, modelFolder } from '@patchslim/fashion-vit';
import { mkdir, readdir, readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { runMain, runMainJson } from './main.js';
import { temporaryFolder } from './tiny-model.js';

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
      await symlink(join(images, name, file), join(folder, name, file));
    }
  }
  return folder;
}

const command = (out: string, ...more: string[]) => [
  ...['compare', 'custom', '--weights', fileURLToPath(modelFolder), '--data', fileURLToPath(imageFolder)],
  ...['--out', out, '--runs', '0', ...more],
];

it('measures every method at every budget on the same images', async () => {
  const folder = await temporaryFolder();
  const out = join(folder, 'out');
  const data = await fewImages(join(folder, 'images'), 8);
  const options = [
    '--methods',
    'ward,tome,dps,patch-slimming',
    '--budgets',
    '0.6,0.8',
    '--images',
    '30',
    '--data',
    data,
  ];
  const { images, dense, plans } = await runMainJson<Compared>(...command(out, ...options));
  expect(images).toBe(50);
  expect(plans.map(({ method }) => method)).toEqual(
    ['ward', 'tome', 'dps', 'patch-slimming'].flatMap((method) => [method, method]),
  );
  for (const [i, plan] of plans.entries()) {
    expect(plan.macShare).toBeLessThanOrEqual([0.6, 0.8][i % 2]!);
    expect(plan.macShare).toBeGreaterThan([0.6, 0.8][i % 2]! - 0.03);
    expect(plan.change.mean).toBeCloseTo(plan.top1 - dense.top1, 6);
    expect(plan.agreement).toBeGreaterThan(60);
  }
  expect(await readdir(out)).toEqual([
    ...['accuracy-by-macs.svg', 'agreement-by-macs.svg', 'compare.html', 'compare.json'],
  ]);
  expect(await readFile(join(out, 'compare.html'), 'utf8')).toContain('patch-slimming');
});

it('measures on every image with folds, the same whatever is asked for besides', async () => {
  const folder = await temporaryFolder();
  const data = await fewImages(join(folder, 'images'), 6);
  const folded = (...more: string[]) => {
    const options = ['--budgets', '0.7', '--images', '20', '--folds', '3', '--data', data, ...more];
    return runMainJson<Compared>(...command(join(folder, 'out'), ...options));
  };
  const both = await folded('--methods', 'patch-slimming,ward');
  expect(both.images).toBe(60);
  expect(both.plans.map(({ method }) => method)).toEqual(['patch-slimming', 'ward']);
  const alone = await folded('--methods', 'ward');
  expect(alone.plans[0]).toEqual(both.plans[1]);
  expect(alone.dense).toEqual(both.dense);
});

it('compares with weights adapted to every plan', { timeout: 300_000 }, async () => {
  const folder = await temporaryFolder();
  const compared = (...more: string[]) => {
    const options = ['--methods', 'ward', '--budgets', '0.4', '--images', '64', '--limit', '60', ...more];
    return runMainJson<Compared>(...command(join(folder, 'out'), ...options));
  };
  const [plain] = (await compared()).plans;
  const [adapted] = (await compared('--recover', 'distill:epochs=2')).plans;
  expect(adapted!.macShare).toBe(plain!.macShare);
  expect(adapted!.recovery).toMatch(/^distill:epochs=2,/);
  expect(adapted!.divergence).toBeLessThan(plain!.divergence);
});

it('refuses methods and budgets that do not exist, before anything is read', async () => {
  const wrong = await runMain(command('nowhere', '--methods', 'ward,magic'));
  expect([wrong.status, wrong.stderr]).toEqual([
    2,
    expect.stringMatching(/--methods: unknown method 'magic'/),
  ]);
  const budget = await runMain(command('nowhere', '--budgets', '2'));
  expect([budget.status, budget.stderr]).toEqual([
    2,
    expect.stringMatching(/--budgets: .*share in \(0, 1\]/),
  ]);
  const folds = await runMain(command('nowhere', '--folds', '1'));
  expect([folds.status, folds.stderr]).toEqual([2, expect.stringMatching(/--folds/)]);
});
