/**
 * The playground, as a visitor has it: the built page in Chromium, with WebGPU and without, by mouse and by keyboard, with
 * images of the page, of files, of a folder and of a camera. Nothing in it is replaced but servers that are out of reach.
 */

import { imageFolder, modelFolder } from '@patchslim/fashion-vit';
import { openImageFolder } from '@patchslim/datasets';
import { requireRealData } from '@patchslim/testing';
import { atNight, nightly } from '@patchslim/testing/by-day';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright';
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import { createScratch } from '../scratch.js';
import { violations } from './accessibility.js';
import { seeInNode } from './in-node.js';
import { writeSmallModel } from './small-model.js';
import { link } from '@patchslim/testing/platform';
import { visitPlayground, type Visit, type VisitOptions } from './visit.js';

let visit: Visit | undefined;
afterEach(async () => {
  await visit?.close();
  visit = undefined;
});

/** Opens the page and waits for its first picture. */
async function open(options: VisitOptions = {}): Promise<Visit & { page: Page }> {
  visit = await visitPlayground(options);
  await visit.page.getByText(/^Block 4 of 8 computes/).waitFor({ timeout: 120_000 });
  return visit;
}

const blockText = (page: Page) => page.locator('p', { hasText: /^Block \d+ of \d+ computes/ });
const region = (page: Page, name: string) => page.getByRole('region', { name });

/** Sets a slider as a user does: the page hears of it when the slider is let go. */
const slide = (page: Page, name: RegExp, value: number) =>
  page.getByRole('slider', { name }).fill(String(value));

describe('playground', { timeout: 300_000 }, () => {
  it.each([
    { where: 'in WebAssembly', options: { webgpu: false } },
    ...(nightly ? [{ where: 'on WebGPU', options: {} }] : []),
  ])('$where shows what Node computes', async ({ where, options }) => {
    const { page, problems, foreign } = await open(options);
    await page.getByText(`Runs ${where}`).waitFor();
    const wanted = await seeInNode(0, 'ward', 'budget:0.5');
    for (const [block, text] of wanted.texts.entries()) {
      await slide(page, /^Block/, block + 1);
      expect(await blockText(page).textContent()).toBe(text);
    }
    const best = region(page, 'Prediction').locator('li:first-child .label');
    expect(await best.allTextContents()).toEqual([wanted.dense, wanted.slimmed]);
    expect(foreign).toEqual([]);
    expect(problems).toEqual([]);
  });

  it('says why it does not run on WebGPU', async () => {
    const { page } = await open({ webgpu: false });
    await page.getByText(/Not on WebGPU: .*(navigator\.gpu|no adapter)/).waitFor();
    await page.getByText('Runs in WebAssembly, 1 thread').waitFor();
  });

  it('has threads where the server allows them', async () => {
    const { page } = await open({ webgpu: false, isolated: true });
    const text = await page.getByText(/Runs in WebAssembly, \d+ threads?/).textContent();
    const cores = await page.evaluate(() => navigator.hardwareConcurrency);
    expect(text).toContain(cores > 1 ? 'threads' : '1 thread');
  });

  it('obeys the keyboard alone', async () => {
    const { page, problems } = await open({ webgpu: false });
    const before = await blockText(page).textContent();
    const reach = async (name: RegExp, role: 'slider' | 'button' | 'radio' | 'combobox') => {
      const target = page.getByRole('main').getByRole(role, { name }).first();
      for (let presses = 0; presses < 80; presses++) {
        if (await target.evaluate((element) => element === document.activeElement)) return;
        await page.keyboard.press('Tab');
      }
      throw new Error(`the tab key does not reach ${role} ${name}`);
    };
    await reach(/^sneaker$/, 'button');
    await page.keyboard.press('Enter');
    await expect.poll(() => blockText(page).textContent(), { timeout: 20_000 }).not.toBe(before);
    await reach(/^Block 4 of 8/, 'slider');
    await page.keyboard.press('ArrowRight');
    await page.getByText(/^Block 5 of 8 computes/).waitFor();
    await reach(/What is computed/, 'radio');
    await page.keyboard.press('ArrowDown');
    await page.getByText(/the brighter, the more/).waitFor();
    await reach(/^At most 50 % of the work/, 'slider');
    await page.keyboard.press('ArrowRight');
    await page.getByText('At most 55 % of the work').waitFor();
    await reach(/^Method/, 'combobox');
    await page.keyboard.press('t');
    await page.getByText(/^tome /).waitFor();
    expect(problems).toEqual([]);
  });

  it('follows the budget', async () => {
    const { page } = await open({ webgpu: false });
    const cost = page.getByText(/multiply-accumulates, \d+ %/);
    for (const percent of [40, 80]) {
      await slide(page, /of the work/, percent);
      await expect.poll(() => cost.textContent(), { timeout: 20_000 }).toContain(`, ${percent} %`);
      const most = await seeInNode(0, 'ward', `budget:${percent / 100}`);
      await expect.poll(() => blockText(page).textContent(), { timeout: 20_000 }).toBe(most.texts[3]);
    }
  });

  it('takes files, also dropped ones', async () => {
    const { page, problems } = await open({ webgpu: false });
    const classes = await readdir(imageFolder);
    const file = (label: number) => fileURLToPath(new URL(`${classes.sort()[label]!}/00.png`, imageFolder));
    await page.getByLabel(/choose a file/).setInputFiles(file(9));
    const boot = (await seeInNode(9, 'ward', 'budget:0.5')).texts[3]!;
    await expect.poll(() => blockText(page).textContent(), { timeout: 20_000 }).toBe(boot);
    await drop(page, page.getByText(/choose a file, or drop one/), [file(8)]);
    const bag = (await seeInNode(8, 'ward', 'budget:0.5')).texts[3]!;
    await expect.poll(() => blockText(page).textContent(), { timeout: 20_000 }).toBe(bag);
    expect(problems).toEqual([]);
  });

  atNight('looks through a camera', async () => {
    const flags = ['--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream'];
    const { page, problems } = await open({ webgpu: false, flags });
    const picture = () => page.getByRole('img', { name: /^Block/ }).evaluate(toDataUrl);
    await page.getByRole('button', { name: 'Use the camera' }).click();
    await page.getByRole('button', { name: 'Stop the camera' }).waitFor();
    const seen = new Set<string>();
    await expect.poll(async () => seen.add(await picture()).size, { timeout: 60_000 }).toBeGreaterThan(3);
    await page.getByRole('button', { name: 'Stop the camera' }).click();
    await page.getByRole('button', { name: 'Use the camera' }).waitFor();
    expect(problems).toEqual([]);
  });

  atNight('measures dense and slimmed, cold and warm', async () => {
    // Without a GPU: a software one takes a minute, and the tests of the worker measure on it.
    const { page, problems } = await open({ webgpu: false });
    const scratch = await createScratch(undefined);
    await slide(page, /of the work/, 80); // fewer tokens cannot save half
    const small = await writeSmallModel(join(scratch.folder, 'small.safetensors'));
    await page.getByLabel('Weights').selectOption('own');
    await page.getByLabel(/A \.safetensors file/).setInputFiles(small);
    await page.getByText(/^Block 1 of 2 computes/).waitFor({ timeout: 60_000 });
    await page.getByRole('button', { name: 'Measure' }).click();
    const rows = page.getByRole('table').locator('tbody tr');
    await expect.poll(() => rows.count(), { timeout: 240_000, interval: 500 }).toBe(4);
    const cells = await rows.evaluateAll((all) =>
      all.map((row) => [...row.children].map((cell) => cell.textContent ?? '')),
    );
    const [gpu, onnxGpu, ...measured] = cells;
    for (const row of [gpu, onnxGpu]) expect(row!.join()).toMatch(/^WebGPU.*failed to start/s);
    expect(measured.map(([where, batch]) => `${where} ${batch}`)).toEqual([
      'WebAssembly, ONNX Runtime 1',
      'WebAssembly, ONNX Runtime 8',
    ]);
    for (const [, , ...times] of measured) {
      expect(times).toHaveLength(5);
      for (const time of times) expect(parseFloat(time)).toBeGreaterThan(0);
    }
    expect(await violations(page)).toEqual([]);
    expect(problems).toEqual([]);
    await scratch.remove(); // each backend reads the file anew
  });

  it('finds a plan on a dropped folder, which Node takes', async () => {
    const { page, problems, foreign } = await open({ webgpu: false });
    const scratch = await createScratch(undefined);
    onTestFinished(() => scratch.remove());
    const few = join(scratch.folder, 'few-images');
    await drop(page, page.getByText(/Folder of images/), [few]);
    await page.getByLabel('Images that make the plan').fill('16');
    await page.getByRole('button', { name: 'Slim on 40 files' }).click();
    await page.getByText('On 24 unseen images').waitFor({ timeout: 240_000 });
    const downloading = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Download plan.json' }).click();
    const plan = await (await downloading).path();

    await link(plan, join(scratch.folder, 'plan.json'));
    const evaluation =
      'patchslim eval custom --weights fashion-vit --plan plan.json --data few-images --json';
    const inNode = JSON.parse(await scratch.shell(evaluation)) as {
      macs: number;
      top1: number;
      images: number;
    };
    const { provenance } = JSON.parse(await readFile(plan, 'utf8')) as {
      provenance: { macs: { slimmed: number }; images: { count: number }; steps: { step: string }[] };
    };
    expect(provenance.images.count).toBe(16);
    expect(provenance.steps.at(-1)).toMatchObject({ step: 'chosen', images: 8 });
    expect(inNode).toMatchObject({ images: 40, macs: provenance.macs.slimmed });
    expect(inNode.top1).toBeGreaterThan(50);
    // What is looked at from now on is the plan that was found.
    await page.getByText('It was made from 16 of your images.').waitFor();
    expect(await violations(page)).toEqual([]);
    expect(foreign).toEqual([]);
    expect(problems).toEqual([]);
  });

  atNight('takes DeiT-Tiny from the hub, or from files, once', async (context) => {
    const { weights, images } = requireRealData(context);
    const asked: string[] = [];
    const hubConfig = { architecture: 'deit_tiny_patch16_224', num_classes: 1000 };
    const hub = 'https://huggingface.co/';
    const commit = 'c'.repeat(40);
    const { page, problems } = await open({
      webgpu: false,
      prepare: (browser) =>
        // The hub is out of reach: its files, as they lie there, from the disk.
        browser.route(`${hub}**`, async (route) => {
          const address = route.request().url();
          if (route.request().method() === 'GET') asked.push(address);
          const headers = {
            'access-control-allow-origin': '*',
            'access-control-expose-headers': 'etag',
            etag: '"1"', // by which the page knows that what it keeps is current
          };
          if (address.endsWith('/model.safetensors')) await route.fulfill({ path: weights, headers });
          else if (address.endsWith('/config.json')) await route.fulfill({ json: hubConfig, headers });
          else if (address.includes('/api/models/')) await route.fulfill({ json: { sha: commit }, headers });
          else await route.fulfill({ status: 404, headers });
        }),
    });
    const fish = (await openImageFolder(images)).examples.find(({ label }) => label === 1)!;
    await page.getByLabel(/choose a file/).setInputFiles(join(images, fish.id));
    await page.getByLabel('Weights').selectOption('deit-tiny');
    await page.getByText(/^Block 6 of 12 computes/).waitFor({ timeout: 120_000 });
    const best = region(page, 'Prediction').locator('li:first-child .label');
    for (const text of await best.allTextContents()) expect(text).toMatch(/^goldfish/);
    const times = asked.filter((address) => address.endsWith('model.safetensors')).length;
    expect(times).toBe(1);

    await page.getByLabel('Weights').selectOption('fashion');
    await page.getByText(/^Block 4 of 8 computes/).waitFor();
    await page.getByLabel('Weights').selectOption('deit-tiny');
    await page.getByText(/^Block 6 of 12 computes/).waitFor({ timeout: 120_000 });
    expect(asked.filter((address) => address.endsWith('model.safetensors'))).toHaveLength(times);
    // The repository of DeiT-Tiny has no preprocessor_config.json, which a browser tells in red.
    expect(problems.filter((problem) => !/404|preprocessor_config/.test(problem))).toEqual([]);

    await page.getByLabel('Weights').selectOption('own');
    const own = ['config.json', 'model.safetensors'].map((name) => fileURLToPath(new URL(name, modelFolder)));
    await page.getByLabel(/A \.safetensors file/).setInputFiles(own);
    await page.getByText(/^Block 4 of 8 computes/).waitFor({ timeout: 60_000 });
  });

  it('names what cannot be used', async () => {
    const { page } = await open({ webgpu: false });
    const broken = { name: 'broken.png', mimeType: 'image/png', buffer: Buffer.from('no image') };
    await page.getByLabel(/choose a file/).setInputFiles(broken);
    await page.getByRole('alert').filter({ hasText: 'broken.png' }).waitFor();
    await page.getByLabel('Weights').selectOption('own');
    const weights = { name: 'model.safetensors', mimeType: '', buffer: Buffer.from('no weights at all') };
    await page.getByLabel(/A \.safetensors file/).setInputFiles(weights);
    await page.getByRole('alert').filter({ hasText: 'model.safetensors' }).waitFor();
  });
});

/** Drops files or folders of this machine on an element, as a hand does. */
async function drop(
  page: Page,
  target: ReturnType<Page['locator']>,
  files: readonly string[],
): Promise<void> {
  await target.scrollIntoViewIfNeeded();
  const box = (await target.boundingBox())!;
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  const session = await page.context().newCDPSession(page);
  const data = { items: [], files: [...files], dragOperationsMask: 1 };
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
    await session.send('Input.dispatchDragEvent', { type, x, y, data });
  }
  await session.detach();
}

const toDataUrl = (element: Element): string => (element as HTMLCanvasElement).toDataURL();
