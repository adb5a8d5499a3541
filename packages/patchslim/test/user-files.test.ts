/** Files of the user in the folder for results: `slim` writes its own and leaves all others. */

import { mkdir, mkdtemp, readdir, readFile, readlink, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, it, onTestFinished } from 'vitest';
import { runMain } from './main.js';
import { link } from '@patchslim/testing/platform';
import { writeTinyImages, writeTinyModel } from './tiny-model.js';

let out: string;
let slimming: string[];
beforeEach(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'patchslim-user-files-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  out = join(folder, 'out');
  await mkdir(out);
  const weights = await writeTinyModel(join(folder, 'tiny.safetensors'));
  const images = await writeTinyImages(join(folder, 'images'), 8);
  slimming = ['slim', 'custom', '--weights', weights, '--data', images, '--out', out];
  slimming.push('--method', 'patch-slimming', '--images', '6', '--evaluate', '2', '--batch', '2');
});

const results = ['plan.json', 'report.html', 'report.json'];
const fixed = ['--schedule', 'counts:65,20,1'];
const searched = ['--schedule', 'top-down:tolerance=0.1,granularity=40'];

/** With what lies in folders. */
const everything = async () => (await readdir(out, { recursive: true })).sort();

it('keeps files and folders whose names begin like those of results', async () => {
  const files = ['plan.json.2024-05-01', 'plan.json.99999.bak', 'report.json.99997.tmp', 'model'];
  for (const name of files) await writeFile(join(out, name), 'mine');
  await mkdir(join(out, 'report.html.99998-old'));
  await writeFile(join(out, 'report.html.99998-old', 'page.html'), 'mine');
  const { status, stderr } = await runMain([...slimming, ...fixed]);
  expect([status, stderr]).toEqual([0, expect.any(String)]);
  const mine = [...files, 'report.html.99998-old', 'report.html.99998-old/page.html'];
  expect(await everything()).toEqual([...results, ...mine].sort());
  for (const name of files) expect(await readFile(join(out, name), 'utf8')).toBe('mine');
});

it('writes through links', async () => {
  await mkdir(join(out, 'plans'));
  await link('plans/today.json', join(out, 'plan.json'));
  expect((await runMain([...slimming, ...fixed])).status).toBe(0);
  expect(await readlink(join(out, 'plan.json'))).toBe('plans/today.json');
  expect(JSON.parse(await readFile(join(out, 'plans', 'today.json'), 'utf8'))).toHaveProperty('blocks');
});

it.each([
  ['a run that notes nothing', fixed],
  ['a search', searched],
])("keeps what %s did not write into the folder 'progress'", async (_, schedule) => {
  await mkdir(join(out, 'progress', 'figures'), { recursive: true });
  const mine = [
    'progress/thesis.tex',
    'progress/figures/1.svg',
    'progress/patch-slimming-block-9.safetensors.bak',
  ];
  for (const name of mine) await writeFile(join(out, name), 'mine');
  expect((await runMain([...slimming, ...schedule])).status).toBe(0);
  expect(await everything()).toEqual([...results, 'progress', 'progress/figures', ...mine].sort());
});

it("removes its own notes, and the folder 'progress' if nothing else is in it", async () => {
  expect((await runMain([...slimming, ...searched])).status).toBe(0);
  expect(await everything()).toEqual(results);
});
