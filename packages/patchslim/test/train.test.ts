/** `patchslim train` on a small set in the official format; a process where it is killed. */

import { formatIdx } from '@patchslim/datasets';
import { createRandom } from '@patchslim/tensor';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { runMain, runMainJson } from './main.js';
import { bundlePatchslim } from './patchslim.js';
import { temporaryFolder } from './tiny-model.js';
import { endNow } from '@patchslim/testing/platform';
import { filesIn, when } from './watch-files.js';

const patchslim = bundlePatchslim();

const size = 28;

/** Images with a bright bar whose place is their class. */
async function writeBars(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const random = createRandom(3);
  for (const [part, count] of [
    ['train', 320],
    ['t10k', 100],
  ] as const) {
    const labels = Uint8Array.from({ length: count }, (_, i) => i % 10);
    const pixels = Uint8Array.from({ length: count * size * size }, (_, at) => {
      const row = Math.floor(at / size) % size;
      const label = labels[Math.floor(at / (size * size))]!;
      return Math.floor(row / 2.8) === label ? 200 + 50 * random() : 60 * random();
    });
    await writeFile(join(folder, `${part}-images-idx3-ubyte`), formatIdx([count, size, size], pixels));
    await writeFile(join(folder, `${part}-labels-idx1-ubyte`), formatIdx([count], labels));
  }
  return folder;
}

const training = (data: string, out: string, ...more: string[]): string[] => [
  ...[
    'train',
    'fashion-mnist',
    '--data',
    data,
    '--out',
    out,
    '--width',
    '32',
    '--depth',
    '2',
    '--heads',
    '1',
  ],
  ...['--patch', '7', '--batch', '32', '--rate', '0.004', '--shift', '0', '--no-flip', ...more],
];

interface Trained {
  readonly test: { readonly images: number; readonly top1: number };
  readonly fingerprint: string;
  readonly epochs: readonly { readonly loss: number }[];
}

it('learns, writes a model that the other commands take, and logs how', async () => {
  const folder = await temporaryFolder();
  const data = await writeBars(join(folder, 'bars'));
  const out = join(folder, 'out');
  const { test, epochs, fingerprint } = await runMainJson<Trained>(
    ...training(data, out, '--epochs', '12', '--dtype', 'F16'),
  );
  expect(test.images).toBe(100);
  expect(test.top1).toBeGreaterThan(40); // 10 by chance
  expect(epochs.at(-1)!.loss).toBeLessThan(epochs[0]!.loss);
  expect(await filesIn(out)).toEqual(['config.json', 'model.safetensors', 'train.json']);
  const log = JSON.parse(await readFile(join(out, 'train.json'), 'utf8')) as Trained & { recipe: object };
  expect(log).toMatchObject({ fingerprint, recipe: { set: 'fashion-mnist', patch: 7, seed: 0 } });
  const { macs } = await runMainJson<{ macs: number }>('flops', 'custom', '--weights', out);
  expect(macs).toBeGreaterThan(0);
});

it(
  'goes on after kill -9 with the same settings only, to the weights of an undisturbed run',
  { timeout: 300_000 },
  async () => {
    const folder = await temporaryFolder();
    const data = await writeBars(join(folder, 'bars'));
    const [whole, killed] = [join(folder, 'whole'), join(folder, 'killed')];
    const run = (out: string) => training(data, out, '--epochs', '6');
    expect((await runMain(run(whole))).status).toBe(0);
    const first = await patchslim(run(killed), {
      whileRunning: (child) =>
        void when(async () => (await filesIn(killed)).includes('progress/training.safetensors'), child).then(
          () => endNow(child),
        ),
    });
    expect(first.status).toBeNull();
    const other = await runMain(training(data, killed, '--epochs', '7'));
    expect(other.status).toBe(1);
    expect(other.stderr).toMatch(
      /training\.safetensors' belongs to a job with other settings.*\[INVALID_ARGUMENT\]/,
    );
    const second = await runMain(run(killed));
    expect(second.status).toBe(0);
    expect(second.stderr).toMatch(/going on after epoch [1-5]/);
    const weights = (out: string) => readFile(join(out, 'model.safetensors'));
    expect(await weights(killed)).toEqual(await weights(whole));
    expect(await filesIn(killed)).toEqual(['config.json', 'model.safetensors', 'train.json']);
  },
);

it('refuses what makes no sense', async () => {
  const folder = await temporaryFolder();
  const data = await writeBars(join(folder, 'bars'));
  const out = join(folder, 'out');
  for (const [wrong, message] of [
    [['--heads', '5'], /--heads: expected a divisor of the width 32/],
    [['--patch', '5'], /--patch: expected a divisor of 28/],
    [['--rate', 'fast'], /--rate: expected a number/],
  ] as const) {
    const { status, stderr } = await runMain(training(data, out, ...wrong));
    expect(status).toBe(2);
    expect(stderr).toMatch(message);
  }
});

it('says what is missing where there is no network', async () => {
  const folder = await temporaryFolder();
  const { status, stderr } = await patchslim(['train', 'mnist', '--data', folder, '--out', folder], {
    env: { http_proxy: '', https_proxy: '' },
  });
  expect(status).toBe(1);
  expect(stderr).toContain(`; to use files on this machine: put that file into ${folder} [DOWNLOAD_FAILED]`);
});
