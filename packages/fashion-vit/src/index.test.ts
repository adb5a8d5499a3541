import { readdir, readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { imageFolder, modelFolder } from './index.js';

interface Training {
  readonly config: { readonly patchSize: number; readonly imageSize: number; readonly width: number };
  readonly test: { readonly images: number; readonly top1: number };
}

const readTraining = async () =>
  JSON.parse(await readFile(new URL('train.json', modelFolder), 'utf8')) as Training;

it('has float16 weights for 197 tokens in less than 4 MB', async () => {
  const bytes = await readFile(new URL('model.safetensors', modelFolder));
  const headerBytes = Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.toString('utf8', 8, 8 + headerBytes)) as Record<
    string,
    { dtype: string; shape: number[] }
  >;
  const tensors = Object.entries(header).filter(([name]) => name !== '__metadata__');
  const { config } = await readTraining();
  expect(bytes.byteLength).toBeLessThan(4e6);
  expect(new Set(tensors.map(([, { dtype }]) => dtype))).toEqual(new Set(['F16']));
  expect(header['pos_embed']!.shape).toEqual([1, 197, config.width]);
  expect((config.imageSize / config.patchSize) ** 2 + 1).toBe(197);
});

it('has the accuracy stated in the README, at least 90 %', async () => {
  const { test } = await readTraining();
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
  expect(test.images).toBe(10_000);
  expect(test.top1).toBeGreaterThanOrEqual(90);
  expect(readme).toContain(`${test.top1} % on 10 000 test images`);
});

it('has 30 grey images of 28 × 28 for each of ten classes', async () => {
  const folders = await readdir(imageFolder);
  expect(folders).toHaveLength(10);
  for (const [index, folder] of folders.sort().entries()) {
    expect(folder.startsWith(`${index}-`)).toBe(true);
    const files = await readdir(new URL(`${folder}/`, imageFolder));
    expect(files).toHaveLength(30);
    for (const file of files) {
      const png = await readFile(new URL(`${folder}/${file}`, imageFolder));
      expect(png.toString('latin1', 1, 4)).toBe('PNG');
      expect([png.readUInt32BE(16), png.readUInt32BE(20), png[25]]).toEqual([28, 28, 0]); // width, height, grey
    }
  }
});
