import { requireRealData } from '@patchslim/testing';
import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { fromPretrained, presetLabels, vitConfig, withClasses } from '../index.js';
import { imagenetLabels } from './imagenet-1k.js';

it('ImageNet has 1000 classes, from tench to toilet tissue', () => {
  expect(imagenetLabels).toHaveLength(1000);
  expect(imagenetLabels[0]).toBe('tench, Tinca tinca');
  expect(imagenetLabels[207]).toBe('golden retriever');
  expect(imagenetLabels[999]).toMatch(/^toilet tissue, /);
  expect(imagenetLabels.filter((label) => label !== label.trim() || label === '')).toEqual([]);
});

it('presets have them; another number of classes or another architecture has not', async () => {
  expect(await presetLabels(vitConfig('vit-large-384'))).toBe(imagenetLabels);
  expect(await presetLabels(withClasses(vitConfig('deit-tiny'), 10))).toBeUndefined();
  expect(await presetLabels({ name: 'custom', classes: 1000 })).toBeUndefined();
});

it('weights without a config.json get those of their preset', async (context) => {
  const { weights, classNames } = requireRealData(context);
  const { labels } = await fromPretrained(weights);
  const lines = (await readFile(classNames, 'utf8')).trimEnd().split('\n');
  expect(labels).toEqual(lines.map((line) => line.replace(/^n\d{8} /, '')));
});
