/**
 * The recipes and the README's program do what they say: their code runs as it stands, with few images, on the built
 * packages. One recipe uses what the one before it wrote, as for a reader. The longest run at night; `pages.test.ts` checks
 * the options of their commands in every run.
 */

import { openImageFolder } from '@patchslim/datasets';
import { float32, type HostTensor } from '@patchslim/tensor';
import { fromPretrained, writeSafetensors } from '@patchslim/vit-models';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findRealData, requireRealData } from '@patchslim/testing';
import { atNight } from '@patchslim/testing/by-day';
import { followRecipe } from './follow.js';
import { codeBlocks, readPage } from './pages.js';
import { link } from '@patchslim/testing/platform';
import { createScratch, type Scratch } from './scratch.js';

let scratch: Scratch;
let out: string;
beforeAll(async () => {
  scratch = await createScratch(findRealData());
  out = join(scratch.folder, 'slim');
});
afterAll(() => scratch?.remove());

/** Follows a recipe with the values for DeiT-Tiny and few images, but for `changes`; gives what its blocks print. */
function follow(recipe: string, changes: Readonly<Record<string, string>> = {}): Promise<string[]> {
  return followRecipe(recipe, scratch, {
    WEIGHTS: 'deit_tiny_patch16_224.safetensors',
    DATA: 'imagenet_sample',
    OUT: 'slim',
    IMAGES: '12',
    LIMIT: '16',
    ...changes,
  });
}

const readJson = async (file: string): Promise<unknown> =>
  JSON.parse(await readFile(join(out, file), 'utf8'));

describe('recipes', { timeout: 600_000 }, () => {
  it('slim a checkpoint', async (context) => {
    requireRealData(context);
    const [table] = await follow('slim-a-checkpoint');
    expect(table).toMatch(/^MACs +1\.254 G +0\.\d{3} G$/m);
    const plan = await readJson('plan.json');
    expect(plan).toMatchObject({
      format: 'patchslim-plan',
      provenance: {
        images: { count: 12, name: 'imagenet_sample' },
        steps: [{ step: 'chosen', images: 6 }],
      },
    });
    expect(await readJson('report.json')).toHaveProperty('evaluation.slimmed.agreement');
    expect((await stat(join(out, 'report.html'))).size).toBeGreaterThan(10_000);
    expect(await readFile(join(out, 'kept.svg'), 'utf8')).toContain('<svg');
  });

  atNight('evaluate and compare', async (context) => {
    requireRealData(context);
    await follow('evaluate-and-compare');
    const number = expect.any(Number) as number;
    const figures = { images: 16, top1: number, top5: number };
    const dense = (await readJson('dense.json')) as { macs: number };
    const slimmed = (await readJson('slimmed.json')) as { macs: number };
    expect(dense).toMatchObject({ ...figures, macs: 1_253_683_200 });
    expect(slimmed).toMatchObject(figures);
    expect(slimmed.macs).toBeLessThan(dense.macs);
    const { results } = (await readJson('speed.json')) as { results: object[] };
    expect(results).toMatchObject([
      { batch: 1, speedup: number, macRatio: slimmed.macs / dense.macs },
      { batch: 8, speedup: number, macRatio: slimmed.macs / dense.macs },
    ]);
  });

  it('export to ONNX', async (context) => {
    requireRealData(context);
    const printed = await follow('export-to-onnx');
    const exported = (await readJson('export.json')) as { operators: Record<string, number> };
    expect(exported).toMatchObject({ form: 'portable', batch: 'dynamic' });
    expect(Object.keys(exported.operators)).toContain('Gather');
    const [found, quantised] = printed.slice(-2).map((line) => JSON.parse(line) as number[]);
    const { results } = (await readJson('run.json')) as { results: { classes: { index: number }[] }[] };
    expect(found).toEqual(results.map(({ classes }) => classes[0]!.index));
    expect(found).toHaveLength(2);
    expect(quantised).toEqual(found);
    const { size } = await stat(join(out, 'slim.onnx'));
    expect((await stat(join(out, 'slim-float16.onnx'))).size / size).toBeCloseTo(0.5, 1);
    expect((await stat(join(out, 'slim-int8.onnx'))).size / size).toBeCloseTo(0.27, 1);
  });
});

atNight('bring your own model and photographs', { timeout: 600_000 }, async (context) => {
  const { weights, images } = requireRealData(context);
  const { folder } = scratch;
  // Every fiftieth class of ImageNet: a real model of 20 classes.
  const chosen = Array.from({ length: 20 }, (_, i) => 50 * i);
  const { tensors } = await fromPretrained(weights);
  await writeSafetensors(join(folder, 'my-model.safetensors'), withClasses(tensors, chosen));
  await writeFile(join(folder, 'classes.txt'), chosen.map((index) => `kind ${index}`).join('\n'));
  const { examples } = await openImageFolder(images);
  await mkdir(join(folder, 'photos'));
  const photos = examples.filter(({ label }) => label! % 50 === 0);
  for (const { source } of photos)
    await link(source as string, join(folder, 'photos', basename(source as string)));

  const variables = {
    WEIGHTS: 'my-model.safetensors',
    PHOTOS: 'photos',
    CLASSES: 'classes.txt',
    OUT: 'mine',
  };
  const [, table, classes] = await follow('bring-your-own', { ...variables, IMAGES: '12' });
  const cost = JSON.parse(await readFile(join(folder, 'cost.json'), 'utf8')) as { macs: number };
  expect(cost.macs).toBe(1_253_683_200 - 980 * 192);
  expect(table).not.toContain('top-1');
  expect(table).toMatch(/^same class as dense +\d+\.\d % \(\d+\.\d–\d+\.\d\)$/m);
  expect(classes).toMatch(/kind \d+/);
  const plan = JSON.parse(await readFile(join(folder, 'mine/plan.json'), 'utf8')) as object;
  expect(plan).toMatchObject({
    provenance: { images: { name: 'photos', count: 12 }, macs: { dense: cost.macs } },
  });
  expect((await stat(join(folder, 'mine/slim.onnx'))).size).toBeGreaterThan(20_000_000);

  const known = photos.find(({ label }) => label === chosen[1])!;
  const run = `patchslim run custom '${known.source as string}' --weights my-model.safetensors --json`;
  const { results } = JSON.parse(await scratch.shell(run)) as {
    results: { classes: { index: number }[] }[];
  };
  expect(results[0]!.classes[0]!.index).toBe(1);
});

atNight('get accuracy back', { timeout: 600_000 }, async () => {
  const variables = {
    MODEL: 'custom',
    WEIGHTS: 'fashion-vit',
    DATA: 'fashion-images',
    OUT: 'adapted',
    IMAGES: '24',
  };
  const tables = await follow('get-accuracy-back', { ...variables, LIMIT: '20' });
  for (const table of tables.slice(0, 2))
    expect(table).toMatch(/^same class as dense +\d+\.\d % \(\d+\.\d–\d+\.\d\)/m);
  const light = JSON.parse(await readFile(join(scratch.folder, 'adapted-light/plan.json'), 'utf8')) as object;
  expect(light).toMatchObject({
    provenance: {
      method: 'ward',
      steps: [{ step: 'recovered', recovery: 'distill:epochs=4,rate=0.001,learn=norms,features=1' }],
    },
  });
  const dial = await Promise.all(
    ['adapted-dial', 'adapted-dial-60'].map(
      async (folder) =>
        JSON.parse(await readFile(join(scratch.folder, folder, 'plan.json'), 'utf8')) as {
          model: { fingerprint: string };
          provenance: { schedule: string };
        },
    ),
  );
  expect(dial.map(({ provenance }) => provenance.schedule)).toEqual(['budget:0.5', 'budget:0.6']);
  expect(dial[1]!.model.fingerprint).toBe(dial[0]!.model.fingerprint);
  const plan = JSON.parse(await readFile(join(scratch.folder, 'adapted/plan.json'), 'utf8')) as object;
  const { steps } = (plan as { provenance: { steps: object[] } }).provenance;
  expect(steps.at(-1)).toMatchObject({ step: 'recovered', recovery: 'block:epochs=3,rate=0.0003' });
  const adapted = JSON.parse(await readFile(join(scratch.folder, 'adapted.json'), 'utf8')) as object;
  expect(adapted).toMatchObject({ images: 20, top1: expect.any(Number) as number });
});

atNight('choose a method', { timeout: 600_000 }, async () => {
  const variables = { MODEL: 'custom', WEIGHTS: 'fashion-vit', DATA: 'few-images', OUT: 'compared' };
  const [compared, slimmed] = await follow('choose-a-method', { ...variables, LIMIT: '20' });
  expect(compared!.match(/budget:0\.5 /g)).toHaveLength(4);
  expect(slimmed).toMatch(/^MACs +0\.117 G +0\.05\d G$/m);
  const { plans } = JSON.parse(await readFile(join(scratch.folder, 'compared/compare.json'), 'utf8')) as {
    plans: { speedup: number }[];
  };
  expect(plans.every(({ speedup }) => speedup > 0)).toBe(true);
});

/** The checkpoint with only some rows of its classifier. */
function withClasses(
  tensors: ReadonlyMap<string, HostTensor<'float32'>>,
  classes: readonly number[],
): Map<string, HostTensor<'float32'>> {
  const chosen = ({ shape, data }: HostTensor<'float32'>) => {
    const size = data.length / shape[0]!;
    const rows = classes.flatMap((index) => [...data.subarray(index * size, (index + 1) * size)]);
    return float32([classes.length, ...shape.slice(1)], rows);
  };
  const entries = [...tensors].map(
    ([name, tensor]) => [name, name.startsWith('head.') ? chosen(tensor) : tensor] as const,
  );
  return new Map(entries);
}

describe('README.md', () => {
  // It names DeiT-Tiny; here it gets the small model and its images, with which it takes seconds.
  it('shows a program that runs', { timeout: 120_000 }, async () => {
    const [program] = codeBlocks(await readPage('README.md'), 'js');
    const folder = join(scratch.folder, 'readme');
    await mkdir(folder);
    await link(join(scratch.folder, 'fashion-vit'), join(folder, 'deit_tiny_patch16_224.safetensors'));
    await link(join(scratch.folder, 'few-images'), join(folder, 'photos'));
    const { examples } = await openImageFolder(join(folder, 'photos'));
    await link(examples.at(-1)!.source as string, join(folder, 'cat.jpg'));
    await writeFile(join(folder, 'readme.mjs'), program!);
    const printed = await scratch.shell('cd readme && node readme.mjs');
    expect(printed).toMatch(/^\[\s+\{\s+index: 9,\s+label: 'Ankle boot',\s+probability: 0\.\d+/);
    expect((await stat(join(folder, 'slim.onnx'))).size).toBeGreaterThan(100_000);
  });
});
