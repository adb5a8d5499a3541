/** A run that was cut off goes on with the same images and weights only, whatever they are called. */

import { cp, mkdir, mkdtemp, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { formatIdx } from '@patchslim/datasets';
import { createRandom } from '@patchslim/tensor';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { runMain, type Answer } from './main.js';
import { tinyConfig, writeTinyImages, writeTinyModel } from './tiny-model.js';
import { filesIn } from './watch-files.js';

let folder: string;
let out: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'patchslim-resume-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  out = join(folder, 'out');
});

/** Calls `look` again and again until `running` has ended. */
async function during<T>(running: Promise<T>, look: () => Promise<void>): Promise<T> {
  let ended = false;
  const looking = (async () => {
    for (; !ended; await setTimeout(2)) await look();
  })();
  try {
    return await running;
  } finally {
    ended = true;
    await looking;
  }
}

/** Runs until there is a file of this name in the folder for results, then interrupts. */
async function cutOff(args: readonly string[], name: string): Promise<void> {
  const abort = new AbortController();
  const answer = await during(runMain(args, abort.signal), async () => {
    if ((await filesIn(out)).includes(name)) abort.abort();
  });
  expect(answer.status).toBe(130);
  expect(await filesIn(out)).toContain(name);
}

function expectRefused({ status, stderr }: Answer): void {
  expect(stderr).toMatch(/belongs to a job with other settings, images or weights.*\[INVALID_ARGUMENT\]/);
  expect(status).toBe(1);
}

describe('slim', () => {
  const block = 'progress/patch-slimming-block-3.safetensors';
  const config = { ...tinyConfig, depth: 5 };

  const running = (weights: string, data: string, ...more: string[]): string[] => [
    ...['slim', 'custom', '--weights', join(folder, weights), '--data', join(folder, data), '--out', out],
    ...['--images', '12', '--evaluate', '0', ...more],
  ];
  const topDown = ['--method', 'patch-slimming', '--schedule', 'top-down:tolerance=0.02,granularity=20'];
  const slimming = (weights: string, data: string, ...more: string[]): string[] =>
    running(weights, data, ...topDown, ...more);

  beforeEach(async () => {
    await writeTinyModel(join(folder, 'tiny.safetensors'), config);
    await writeTinyImages(join(folder, 'a/val'), 16);
  });

  it('takes nothing from a run on another folder of the same name, with the same names of images', async () => {
    await writeTinyImages(join(folder, 'b/val'), 16, 81);
    await cutOff(slimming('tiny.safetensors', 'a/val'), block);
    const noted = await readFile(join(out, block));
    expectRefused(await runMain(slimming('tiny.safetensors', 'b/val')));
    expect(await readFile(join(out, block))).toEqual(noted); // what /a has come to is not lost either
  });

  it('goes on where the same images lie now, without settling a block again', async () => {
    const undisturbed = slimming('tiny.safetensors', 'a/val');
    expect((await runMain(undisturbed)).status).toBe(0);
    const plan = await readFile(join(out, 'plan.json'), 'utf8');
    await rm(out, { recursive: true });

    const time = new Date(1_700_000_000_000);
    for (let i = 0; i < 16; i++)
      await utimes(join(folder, 'a/val', `${String(i).padStart(4, '0')}.png`), time, time);
    await cutOff(undisturbed, block);
    const { ino } = await stat(join(out, block));
    await cp(join(folder, 'a/val'), join(folder, 'moved/val'), { recursive: true, preserveTimestamps: true });
    const seen = new Set<number>();
    const resumed = await during(runMain(slimming('tiny.safetensors', 'moved/val')), async () => {
      const stats = await stat(join(out, block)).catch(() => undefined); // gone when the plan is there
      if (stats) seen.add(stats.ino);
    });
    expect(resumed.status).toBe(0);
    expect([...seen]).toEqual([ino]); // a block that is searched again is a new file
    expect(await readFile(join(out, 'plan.json'), 'utf8')).toBe(plan);
    expect(await filesIn(out)).toEqual(['plan.json', 'report.html', 'report.json']);
  });

  it.each<[string, () => Promise<unknown>, string[]?]>([
    [
      'an image in the folder changes',
      () => utimes(join(folder, 'a/val/0003.png'), new Date(0), new Date(0)),
    ],
    ['the weights are others', () => writeTinyModel(join(folder, 'tiny.safetensors'), config, 2)],
    ['an option is another', () => Promise.resolve(), ['--seed', '1']],
    ['broken images are left out', () => Promise.resolve(), ['--corrupt', 'skip']],
  ])('takes nothing over when %s', async (_, change, more = []) => {
    await cutOff(slimming('tiny.safetensors', 'a/val'), block);
    await change();
    expectRefused(await runMain(slimming('tiny.safetensors', 'a/val', ...more)));
  });

  it('takes no measurement of counts from other images', async () => {
    await writeTinyImages(join(folder, 'b/val'), 16, 81);
    const search = ['--method', 'ward', '--schedule', 'search:0.6'];
    const counts = 'progress/ward-measured-counts.safetensors';
    await cutOff(running('tiny.safetensors', 'a/val', ...search), counts);
    expectRefused(await runMain(running('tiny.safetensors', 'b/val', ...search)));
    expect((await runMain(running('tiny.safetensors', 'a/val', ...search))).status).toBe(0);
    expect(await filesIn(out)).toEqual(['plan.json', 'report.html', 'report.json']);
  });
});

describe('train', () => {
  const training = (data: string): string[] => [
    ...[
      'train',
      'fashion-mnist',
      '--data',
      join(folder, data),
      '--out',
      out,
      '--width',
      '32',
      '--depth',
      '1',
    ],
    ...['--heads', '1', '--patch', '14', '--batch', '16', '--epochs', '12'],
  ];

  /** Noise in the official format: other noise for another seed. */
  async function writeNoise(data: string, seed: number): Promise<void> {
    await mkdir(join(folder, data), { recursive: true });
    const random = createRandom(seed);
    for (const [part, count] of [
      ['train', 64],
      ['t10k', 16],
    ] as const) {
      const labels = Uint8Array.from({ length: count }, (_, i) => i % 10);
      const pixels = Uint8Array.from({ length: count * 784 }, () => 256 * random());
      await writeFile(join(folder, data, `${part}-images-idx3-ubyte`), formatIdx([count, 28, 28], pixels));
      await writeFile(join(folder, data, `${part}-labels-idx1-ubyte`), formatIdx([count], labels));
    }
  }

  it('goes on with the same images, and with no others', async () => {
    await writeNoise('a/set', 1);
    await writeNoise('b/set', 2);
    await cutOff(training('a/set'), 'progress/training.safetensors');
    expectRefused(await runMain(training('b/set')));
    const resumed = await runMain(training('a/set'));
    expect(resumed.status).toBe(0);
    expect(resumed.stderr).toMatch(/going on after epoch \d/);
    expect(await filesIn(out)).toEqual(['config.json', 'model.safetensors', 'train.json']);
  });
});
