/** Which images make a plan and which judge it, and how sure a figure of few images is. */

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { runMain } from './main.js';
import { temporaryFolder, writeTinyImages, writeTinyModel } from './tiny-model.js';

let folder: string;
let weights: string;
beforeEach(async () => {
  folder = await temporaryFolder();
  weights = await writeTinyModel(join(folder, 'tiny.safetensors'));
});

const images = (count: number): Promise<string> => writeTinyImages(join(folder, 'images'), count);
const counts = ['--method', 'patch-slimming', '--schedule', 'counts:65,20,1'];
const command = (name: string, ...more: string[]): string[] => [
  ...[name, 'custom', '--weights', weights, '--data', join(folder, 'images')],
  ...['--out', join(folder, 'out'), ...more],
];

interface Side {
  readonly images: number;
  readonly top1: number;
  readonly intervals: Record<'top1' | 'top5' | 'agreement', readonly [number, number]>;
}

/** Runs `slim`; gives the figures and the provenance. */
async function slimmed(...more: string[]) {
  const { status, stdout, stderr } = await runMain(command('slim', ...more, '--json'));
  expect([status, stderr]).toEqual([0, expect.anything()]);
  const { evaluation } = JSON.parse(stdout) as {
    evaluation: { heldBack: boolean; dense: Side; slimmed: Side; change: object };
  };
  const plan = await readFile(join(folder, 'out', 'plan.json'), 'utf8');
  const { provenance } = JSON.parse(plan) as {
    provenance: { images: { count: number }; steps: { step: string; images: number }[] };
  };
  return { evaluation, provenance };
}

describe('slim', () => {
  it.each([
    [12, 6, 6],
    [5, 2, 3],
    [2, 1, 1],
  ])('of %d images takes %d to make the plan: %d judge', async (count, making, judging) => {
    await images(count);
    const { evaluation, provenance } = await slimmed(...counts);
    expect(provenance.images.count).toBe(making);
    expect(provenance.steps).toMatchObject([{ step: 'scored', images: making }]);
    expect(evaluation).toMatchObject({ heldBack: true, slimmed: { images: judging } });
  });

  it('gives every share its interval, in JSON, text and report', async () => {
    await images(6);
    const { evaluation } = await slimmed(...counts);
    const { top1, intervals } = evaluation.slimmed;
    expect(intervals.top1[0]).toBeLessThanOrEqual(top1);
    expect(intervals.top1[1] - intervals.top1[0]).toBeGreaterThan(40);
    expect(evaluation.change).toMatchObject({ top1: { interval: [expect.any(Number), expect.any(Number)] } });
    const { stdout } = await runMain(command('slim', ...counts));
    expect(stdout).toMatch(/\ntop-1 +\d+\.\d % \(\d+\.\d–\d+\.\d\) +\d+\.\d % \(\d+\.\d–\d+\.\d\) +[±+−]/);
    expect(stdout).toContain('On 3 images that had no part in the plan; in brackets 95 % intervals.');
    const report = await readFile(join(folder, 'out', 'report.html'), 'utf8');
    expect(report).toMatch(/same class as dense<\/th><td>–<\/td><td>\d+\.\d % \(\d+\.\d–\d+\.\d\)/);
    expect(report).not.toContain('×');
  });

  it('obeys --images, and says that nothing was left to judge', async () => {
    await images(4);
    const { evaluation, provenance } = await slimmed(...counts, '--images', '256');
    expect(provenance.images.count).toBe(4);
    expect(evaluation).toMatchObject({ heldBack: false, slimmed: { images: 4 } });
    const { stdout } = await runMain(command('slim', ...counts, '--images', '4', '--quiet'));
    expect(stdout).toContain('On 4 images that also had a part in the plan, as there were no others');
  });

  it('counts no file that --corrupt skip leaves out, and recovers with the others', async () => {
    const data = await images(16);
    await writeFile(join(data, 'new.png'), 'no image'); // 0003.png shares its bytes with the others
    const labels = await readFile(join(data, 'labels.csv'), 'utf8');
    await writeFile(join(data, 'labels.csv'), `${labels.replace('0003.png', 'new.png')}`);
    const recover = ['--recover', 'distill:epochs=1', '--batch', '4', '--images', '16'];
    const { provenance } = await slimmed(...counts, '--corrupt', 'skip', ...recover);
    // 15 are left: an eighth tells when to stop.
    expect(provenance.images.count).toBe(15);
    expect(provenance.steps).toMatchObject([
      { step: 'scored', images: 13 },
      { step: 'recovered', images: 13, judges: 2 },
    ]);
  });

  it.each([
    [
      ['--images', '1', ...counts, '--recover', 'distill'],
      /distill:.*: expected at least 2 images .* got 1;/,
    ],
    [['--images', '3', '--schedule', 'budget:0.8'], /auto: expected at least 4 images .* got 3; give more/],
  ])('says how many images there are: %j', async (options, message) => {
    await images(6);
    const { status, stderr } = await runMain(command('slim', ...options));
    expect([status, stderr]).toEqual([1, expect.stringMatching(message)]);
    expect(stderr).toMatch(/\[DATA_INVALID\]\n$/);
  });

  it('tells what is wrong with counts that are one short, with auto too', async () => {
    await images(8);
    const auto = ['--method', 'auto', '--schedule', 'counts:65,1'];
    const { status, stderr } = await runMain(command('slim', ...auto));
    expect([status, stderr]).toEqual([1, expect.stringMatching(/expected 3 counts for custom, got 2/)]);
  });
});

it('eval writes intervals', async () => {
  const data = await images(5);
  const { stdout } = await runMain(['eval', 'custom', '--weights', weights, '--data', data]);
  expect(stdout).toMatch(/\ntop-5 +100\.0 % \(56\.6–100\.0\)/);
});

it('compare lets half of the images measure', async () => {
  await images(9);
  const options = ['--methods', 'tome', '--schedules', 'budget:0.8', '--runs', '1'];
  const { stdout } = await runMain(command('compare', ...options));
  expect(stdout).toContain('On 5 images; in brackets 95 % intervals, and quartiles of the speed-ups.');
  expect(stdout).toMatch(/\ntome .* \d+\.\d % \(\d+\.\d–\d+\.\d\) .* \d+\.\d\d × \(\d+\.\d\d–\d+\.\d\d\)/);
});
