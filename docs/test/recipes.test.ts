/**
 * The recipes and the README's program do what they say: their code runs as it stands, with few images, on the built
 * packages. One recipe uses what the one before it wrote, as for a reader.
 */

import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findRealData, requireRealData } from '@patchslim/testing';
import { codeBlocks, readPage } from './pages.js';
import { createScratch, type Scratch } from './scratch.js';

let scratch: Scratch | undefined;
let out: string;
beforeAll(async () => {
  const data = findRealData();
  scratch = data && (await createScratch(data));
  out = join(scratch?.folder ?? '', 'slim');
});
afterAll(() => scratch?.remove());

/** Runs every `sh` block of a recipe, the programs that it shows saved beforehand; gives what they print. */
async function follow(recipe: string): Promise<string[]> {
  const page = await readPage(`docs/recipes/${recipe}.md`);
  for (const [, name, code] of page.matchAll(/^```js \[(.+?)\]\n(.*?)^```$/gms)) {
    await writeFile(join(scratch!.folder, name!), code!);
  }
  const variables = {
    WEIGHTS: 'deit_tiny_patch16_224.safetensors',
    DATA: 'imagenet_sample',
    OUT: 'slim',
    IMAGES: '32',
    LIMIT: '40',
  };
  const printed: string[] = [];
  for (const code of codeBlocks(page, 'sh')) printed.push(await scratch!.shell(code, variables));
  expect(printed.length).toBeGreaterThan(0);
  return printed;
}

const readJson = async (file: string): Promise<unknown> =>
  JSON.parse(await readFile(join(out, file), 'utf8'));

describe('recipes', { timeout: 240_000 }, () => {
  it('slim a checkpoint', async (context) => {
    requireRealData(context);
    const [table] = await follow('slim-a-checkpoint');
    expect(table).toMatch(/^MACs +1\.254 G +0\.\d{3} G$/m);
    const plan = await readJson('plan.json');
    expect(plan).toMatchObject({
      format: 'patchslim-plan',
      provenance: { images: 32, data: 'imagenet_sample' },
    });
    expect(await readJson('report.json')).toHaveProperty('evaluation.slimmed.agreement');
    expect((await stat(join(out, 'report.html'))).size).toBeGreaterThan(10_000);
    expect(await readFile(join(out, 'kept.svg'), 'utf8')).toContain('<svg');
  });

  it('evaluate and compare', async (context) => {
    requireRealData(context);
    await follow('evaluate-and-compare');
    const number = expect.any(Number) as number;
    const figures = { images: 40, top1: number, top5: number };
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
    expect(Object.keys(exported.operators).filter((name) => /TopK|Scatter/.test(name))).toEqual([]);
    const found = JSON.parse(printed.at(-1)!) as number[];
    const { results } = (await readJson('run.json')) as { results: { classes: { index: number }[] }[] };
    expect(found).toEqual(results.map(({ classes }) => classes[0]!.index));
    expect(found).toHaveLength(2);
  });
});

describe('README.md', () => {
  it('shows a program that runs', { timeout: 120_000 }, async (context) => {
    requireRealData(context);
    const [program] = codeBlocks(await readPage('README.md'), 'js');
    await writeFile(join(scratch!.folder, 'readme.mjs'), program!);
    const printed = await scratch!.shell('node readme.mjs');
    expect(printed).toContain('dense: 1253683200, slimmed: 768115968');
    expect(printed).toMatch(/top1: \d/);
  });
});
