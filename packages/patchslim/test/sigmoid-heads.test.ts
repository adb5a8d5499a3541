/** Models whose images may have several classes, and models with one logit, through all commands. */

import { link, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { folderSet, openImageFolder } from '@patchslim/datasets';
import { predict } from '@patchslim/slimming';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fromPretrained, slim } from '../src/index.js';
import { runMain, runMainJson } from './main.js';
import { tinyConfig, writeDifferentImages, writeTinyModel } from './tiny-model.js';

const names = ['ant', 'bee', 'cat', 'dog', 'elk'];
const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

let folder: string;
let images: string;
let photos: string;
let several: string;
let one: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'patchslim-sigmoid-'));
  images = await writeDifferentImages(join(folder, 'images'), 24);
  photos = join(folder, 'photos'); // the same without labels
  await mkdir(photos);
  for (let i = 0; i < 24; i++) await link(join(images, fileOf(i)), join(photos, fileOf(i)));
  several = await modelFolder('several', tinyConfig.classes, {
    problem_type: 'multi_label_classification',
    id2label: Object.fromEntries(names.entries()),
  });
  one = await modelFolder('one', 1, { id2label: { 0: 'cat' } });
  await writeRows((i) => `${i % 5} ${(i * 2) % 5}`);
});
afterAll(() => rm(folder, { recursive: true }));

async function modelFolder(name: string, classes: number, config: object): Promise<string> {
  const path = join(folder, name);
  await mkdir(path);
  await writeTinyModel(join(path, 'model.safetensors'), { ...tinyConfig, classes });
  await writeFile(join(path, 'config.json'), JSON.stringify(config));
  return path;
}

const fileOf = (i: number) => `${String(i).padStart(4, '0')}.png`;
const writeRows = (labelOf: (i: number) => string) =>
  writeFile(
    join(images, 'labels.csv'),
    ['file,class_indices', ...Array.from({ length: 24 }, (_, i) => `${fileOf(i)},${labelOf(i)}`)].join('\n'),
  );

interface Ran {
  readonly threshold?: number;
  readonly results: readonly {
    readonly classes: readonly { name: string; probability: number; present?: boolean }[];
  }[];
}

describe('several classes for an image', () => {
  const model = () => ['custom', '--weights', several];

  it('run gives the sigmoid of each logit, and says which reach the threshold', async () => {
    const image = join(images, fileOf(3));
    const exclusive = await fromPretrained(join(several, 'model.safetensors'));
    const set = folderSet(await openImageFolder(photos), exclusive);
    const { logits } = await predict(exclusive, set, { batchSize: 8, keepLogits: true });
    await exclusive.backend.close();
    const expected = names.map((name, i) => [name, sigmoid(logits![3 * 5 + i]!)] as const);

    const ran = await runMainJson<Ran>('run', ...model(), image);
    expect(ran.threshold).toBe(0.5);
    const { classes } = ran.results[0]!;
    expect(classes).toHaveLength(5);
    for (const { name, probability, present } of classes) {
      expect(probability).toBeCloseTo(expected.find(([other]) => other === name)![1], 5);
      expect(present).toBe(probability >= 0.5);
    }
    const second = classes[1]!.probability;
    const { stdout } = await runMain(['run', ...model(), image, '--threshold', String(second)]);
    expect(stdout.match(/✓ .*%/g)).toHaveLength(2);
    expect(await runMainJson<Ran>('run', ...model(), image, '--top', '1')).toMatchObject({
      results: [{ classes: [{ name: classes[0]!.name }] }],
    });
  });

  it('eval gives average precision, and with a plan agreement, class by class', async () => {
    const evaluating = ['eval', ...model(), '--data', images];
    const { stdout } = await runMain(evaluating);
    expect(stdout).toMatch(/^mAP +\d+\.\d %$/m);
    expect(stdout).toMatch(/^class +AP\nant +\d+\.\d %$/m);
    expect(stdout).not.toContain('top-1');
    const result = await runMainJson<{ mAP: number; perClass: { averagePrecision: number[] } }>(
      ...evaluating,
    );
    const { averagePrecision } = result.perClass;
    expect(result.mAP).toBeCloseTo(averagePrecision.reduce((a, b) => a + b, 0) / 5, 9);
  });

  it('slim judges by the answers to each class, and the result keeps its head', async () => {
    const out = join(folder, 'out');
    const slimming = [
      '--method',
      'ward',
      '--schedule',
      'budget:0.75',
      '--recover',
      'distill:epochs=1',
      '--out',
      out,
    ];
    const { status, stdout, stderr } = await runMain([
      'slim',
      ...model(),
      '--data',
      images,
      '--images',
      '12',
      ...slimming,
    ]);
    expect(status, stderr).toBe(0);
    expect(stdout).toMatch(/^mAP +\d+\.\d % +\d+\.\d %$/m);
    expect(stdout).toMatch(/^same answer as dense, over all classes +\d/m);
    const html = await readFile(join(out, 'report.html'), 'utf8');
    expect(html).toContain('Mean average precision: ');
    expect(html).toMatch(/true class: <bdi>(\w+, )?\w+<\/bdi>/);
    const config = JSON.parse(await readFile(join(out, 'model/config.json'), 'utf8')) as object;
    expect(config).toMatchObject({ problem_type: 'multi_label_classification' });

    const judged = await runMainJson<{ agreement: number; perClass: { agreement: number[] } }>(
      ...[
        'eval',
        'custom',
        '--weights',
        join(out, 'model'),
        '--data',
        photos,
        '--plan',
        join(out, 'plan.json'),
      ],
    );
    expect(judged.perClass.agreement).toHaveLength(5);
  });

  it('compare, export and inspect know the head', async () => {
    const comparing = [
      '--methods',
      'ward',
      '--schedules',
      'budget:0.75',
      '--runs',
      '0',
      '--out',
      join(folder, 'c'),
    ];
    const compared = await runMain(['compare', ...model(), '--data', images, '--images', '8', ...comparing]);
    expect(compared.stdout, compared.stderr).toMatch(/^method +schedule +MACs +mAP/m);
    expect(await readFile(join(folder, 'c/compare.html'), 'utf8')).toContain('mAP');

    const site = join(folder, 'site');
    const exported = await runMain(['export', ...model(), '--transformers-js', site]);
    expect(exported.stderr).toMatch(/takes a softmax of any head/);
    expect(JSON.parse(await readFile(join(site, 'config.json'), 'utf8'))).toMatchObject({
      problem_type: 'multi_label_classification',
      id2label: { 0: 'ant', 4: 'elk' },
    });
    const { stdout } = await runMain(['inspect', several]);
    expect(stdout).toMatch(/^classifier +5 classes, each of which an image may have \(sigmoid\)$/m);
  });

  it('a model whose classes exclude each other refuses several labels, and a threshold', async () => {
    const weights = join(several, 'model.safetensors');
    const evaluated = await runMain(['eval', 'custom', '--weights', weights, '--data', images]);
    expect(evaluated.stderr).toMatch(/labels\.csv:3: '0001\.png' has 2 classes.*exclude each other/);
    const image = join(images, fileOf(0));
    const ran = await runMain(['run', 'custom', image, '--weights', weights, '--threshold', '0.4']);
    expect(ran.stderr).toMatch(/--threshold: the classes of this model exclude each other/);
    expect(ran.status).toBe(2);
  });
});

describe('one logit', () => {
  const model = () => ['custom', '--weights', one];

  it('is a probability of its class', async () => {
    const image = join(images, fileOf(0));
    const ran = await runMainJson<Ran>('run', ...model(), image);
    const { probability, ...guess } = ran.results[0]!.classes[0]!;
    expect(guess).toEqual({ index: 0, name: 'cat', present: probability >= 0.5 });
    expect(probability).toBeGreaterThan(0);
    expect(probability).toBeLessThan(1);

    const opened = await fromPretrained(one);
    const { model: slimmed } = await slim(opened, undefined, { method: 'tome', schedule: 'budget:0.9' });
    expect(await slimmed.classify(image)).toMatchObject([{ label: 'cat' }]);
    expect(await slimmed.classify(image, { threshold: 1 })).toEqual([]);
    await slimmed.close();
    await opened.backend.close();
  });

  it('has labels 1 and 0, from a label file or from folders', async () => {
    await writeRows((i) => String(i % 2));
    await writeFile(
      join(images, 'labels.csv'),
      (await readFile(join(images, 'labels.csv'), 'utf8')).replace('class_indices', 'class_index'),
    );
    const { mAP, perClass } = await runMainJson<{ mAP: number; perClass: { averagePrecision: number[] } }>(
      ...['eval', ...model(), '--data', images],
    );
    expect(perClass.averagePrecision).toEqual([mAP]);
    for (const [i, name] of ['other', 'cat'].entries()) {
      await mkdir(join(folder, 'classes', name), { recursive: true });
      for (let k = i; k < 24; k += 2)
        await link(join(images, fileOf(k)), join(folder, 'classes', name, fileOf(k)));
    }
    const { status, stdout, stderr } = await runMain([
      ...['eval', ...model(), '--data', join(folder, 'classes'), '--json'],
    ]);
    expect(status).toBe(0);
    expect(stderr).toContain("the model has one logit, for 'cat': cat is yes, other is no");
    expect((JSON.parse(stdout) as { mAP: number }).mAP).toBeCloseTo(mAP, 6);
  });
});
