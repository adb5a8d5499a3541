/** Folders, lists of class names and bad images as people have them; and what `inspect` tells. */

import { mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { join } from 'node:path';
import { imageFolder, modelFolder } from '@patchslim/fashion-vit';
import { fileURLToPath } from 'node:url';
import { beforeEach, describe, expect, it } from 'vitest';
import { createProgressBar } from '../src/progress-bar.js';
import { runMain, runMainJson } from './main.js';
import { temporaryFolder, writeTinyImages, writeTinyModel } from './tiny-model.js';

let folder: string;
let weights: string;
let images: string;
beforeEach(async () => {
  folder = await temporaryFolder();
  weights = await writeTinyModel(join(folder, 'tiny.safetensors'));
  images = await writeTinyImages(join(folder, 'images'), 4);
});

const inFolder = (name: string): string => join(folder, name);
const model = () => ['custom', '--weights', weights];
const names = ['ant', 'bee', 'cat', 'dog', 'elk'];

/** Images of the set in sub-folders. */
async function writeClasses(...classes: string[]): Promise<string> {
  for (const name of classes) {
    await mkdir(inFolder(`classes/${name}`), { recursive: true });
    await symlink(join(images, '0000.png'), inFolder(`classes/${name}/1.png`));
  }
  return inFolder('classes');
}

describe('class names', () => {
  it('come from a JSON list, and must be as many as the classes', async () => {
    await writeFile(inFolder('names.json'), JSON.stringify(names));
    const running = ['run', ...model(), join(images, '0000.png'), '--top', '1', '--labels'];
    const { results } = await runMainJson<{ results: { classes: { index: number; name: string }[] }[] }>(
      ...[...running, inFolder('names.json')],
    );
    const [guess] = results[0]!.classes;
    expect(guess!.name).toBe(names[guess!.index]);
    await writeFile(inFolder('names.txt'), ['background', ...names].join('\n'));
    const refused = await runMain([...running, inFolder('names.txt')]);
    expect(refused).toMatchObject({ status: 1, stdout: '' });
    expect(refused.stderr).toMatch(
      /names\.txt: expected the names of the 5 classes.* got 6; is 'background'/,
    );
  });

  it('are those that class folders are found by', async () => {
    await writeFile(inFolder('names.txt'), names.join('\n'));
    const data = await writeClasses('Elk', 'bee');
    const evaluating = ['eval', ...model(), '--data', data];
    const refused = await runMain(evaluating);
    expect(refused.stderr).toMatch(
      /2 class folders are not the 5 classes .*--labels FILE.*\[DATA_INVALID\]\n$/,
    );
    const found = await runMainJson(...evaluating, '--labels', inFolder('names.txt'));
    expect(found).toMatchObject({ images: 2, top5: 100 });
  });
});

describe('folders', () => {
  it('of another order than the classes are matched by name', async () => {
    const data = fileURLToPath(imageFolder);
    const result = await runMainJson<{ top1: number; preprocessing: string }>(
      ...['eval', 'custom', '--weights', fileURLToPath(modelFolder), '--data', data, '--limit', '60'],
    );
    expect(result.top1).toBeGreaterThan(60);
    expect(result.preprocessing).toMatch(/shorter side to 28/);
  });

  it('in order are a guess, which is said', async () => {
    const { status, stderr } = await runMain(['eval', ...model(), '--data', await writeClasses(...names)]);
    expect(stderr).toMatch(
      /^the model has no class names; the folders are its classes in sorted order \(ant is class 0/m,
    );
    expect(status).toBe(0);
  });

  it('that are one alone, called images, have no labels; other files are counted', async () => {
    await writeFile(join(images, 'a.heic'), '');
    await writeFile(join(images, 'b.HEIC'), '');
    const { status, stdout, stderr } = await runMain(['eval', ...model(), '--data', folder, '--json']);
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).not.toHaveProperty('top1');
    expect(stderr).toContain('4 files skipped: 2 .heic, 1 .csv, 1 .safetensors; ');
    expect(stderr).toContain(`labels.csv in 'images' is not read; for its labels give ${folder}/images\n`);
  });
});

describe('run', () => {
  it('gives the results of the good images, status 1, and an error for each bad one', async () => {
    await rm(join(images, '0001.png')); // a link to the file of all others
    await writeFile(join(images, '0001.png'), 'no image');
    const files = ['0000.png', '0001.png', 'none.png', '0002.png'].map((name) => join(images, name));
    const drawing = inFolder('new/kept.svg');
    const { status, stdout, stderr } = await runMain([
      'run',
      ...model(),
      ...files,
      '--json',
      '--draw',
      drawing,
    ]);
    expect(status).toBe(1);
    const json = JSON.parse(stdout) as { results: { image: string }[]; failed: object[] };
    expect(json.results.map(({ image }) => image)).toEqual([files[0], files[3]]);
    expect(json.failed).toMatchObject([
      { image: files[1], code: 'DATA_INVALID' },
      { image: files[2], code: 'NOT_FOUND' },
    ]);
    expect(stderr.match(/^patchslim: .*\]$/gm)).toHaveLength(2);
    expect(await readFile(drawing, 'utf8')).toContain('<svg');

    const skipping = await runMain(['run', ...model(), ...files, '--corrupt', 'skip']);
    expect(skipping.status).toBe(0);
    expect(skipping.stderr.match(/^left out /gm)).toHaveLength(2);
  });
});

it('folders for results are made, and tried before anything is read', async () => {
  const args = ['export', ...model(), '--quiet', '--onnx'];
  expect((await runMain([...args, inFolder('deep/er/m.onnx')])).status).toBe(0);
  expect(await readdir(inFolder('deep/er'))).toContain('m.onnx');
  const early = ['export', 'custom', '--weights', inFolder('none'), '--onnx'];
  expect((await runMain([...early, images])).stderr).toMatch(
    /cannot write .*images: it is a folder; name a file/,
  );
  expect((await runMain([...early, join(weights, 'm.onnx')])).stderr).toMatch(
    /cannot write .*m\.onnx: E[A-Z]+/,
  );
});

describe('inspect', () => {
  it('tells sizes, preprocessing step by step and names', async () => {
    const { stdout, status } = await runMain(['inspect', fileURLToPath(modelFolder)]);
    expect(status).toBe(0);
    for (const line of [/^image +28 × 28 pixels/m, /^preprocessing +1\. shorter/m, /^ +2\. centre crop/m]) {
      expect(stdout).toMatch(line);
    }
    expect(stdout).toMatch(/^class names +'T-shirt\/top', 'Trouser', 'Pullover', …, 'Ankle boot'$/m);
    expect(stdout).toMatch(/^ignored +nothing$/m);
  });

  it('has all of it as JSON', async () => {
    expect(await runMainJson('inspect', weights)).toMatchObject({
      config: { heads: 1, classes: 5 },
      ...{ labels: null, ignored: [], remarks: [expect.stringMatching(/^no file beside/) as string] },
    });
  });
});

it('progress in a log: nothing for short jobs, then a line every half minute', async () => {
  const stream = new PassThrough();
  let time = 0;
  const bar = createProgressBar(stream as unknown as NodeJS.WriteStream, false, () => time);
  for (; time <= 75_000; time += 1000) {
    bar.show({ stage: 'predict', done: time / 1000, total: 600, unit: 'images' });
  }
  bar.clear();
  stream.end();
  expect((await text(stream)).split('\n')).toEqual([
    '[00:10] predict 10 images / 600 images',
    '[00:40] predict 40 images / 600 images',
    '[01:10] predict 70 images / 600 images',
    '',
  ]);
});

it('options of other programs are known by what they are called here', async () => {
  expect((await runMain(['run', 'deit-tiny', 'a.png', '--device', 'cpu'])).stderr).toContain(
    "unknown option '--device'; did you mean --backend?",
  );
});
