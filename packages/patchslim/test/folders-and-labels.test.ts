/** Folders, lists of class names and bad images as people have them; and what `inspect` tells. */

import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { imageFolder, modelFolder } from '@patchslim/fashion-vit';
import { fileURLToPath } from 'node:url';
import { beforeEach, describe, expect, it } from 'vitest';
import { createProgressBar } from '../src/progress-bar.js';
import { runMain, runMainJson } from './main.js';
import { link } from '@patchslim/testing/platform';
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
    await link(join(images, '0000.png'), inFolder(`classes/${name}/1.png`));
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
  it.each(['fail', 'skip'])('takes a folder with a bad image, --corrupt %s', async (corrupt) => {
    await rm(join(images, '0001.png'));
    await writeFile(join(images, '0001.png'), 'no image');
    const { status, stdout, stderr } = await runMain([
      'run',
      ...model(),
      images,
      '--corrupt',
      corrupt,
      '--json',
    ]);
    expect((JSON.parse(stdout) as { results: object[] }).results).toHaveLength(3);
    expect(status).toBe(corrupt === 'fail' ? 1 : 0);
    expect(stderr).toMatch(
      corrupt === 'fail' ? /^patchslim: .*0001\.png.*\[DATA_INVALID\]$/m : /^left out .*0001\.png/m,
    );
    expect((await runMain(['run', ...model(), images, '--corrupt', 'error'])).stderr).toMatch(
      /--corrupt: expected fail or skip, got 'error'/,
    );
  });

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

it.each<[string, (out: string) => string[]]>([
  ['slim', (out) => ['slim', 'custom', '--data', images, '--out', out]],
  ['compare', (out) => ['compare', 'custom', '--data', images, '--out', out]],
  ['curves', (out) => ['curves', 'custom', '--data', images, '--out', out]],
  ['train', (out) => ['train', 'mnist', '--data', inFolder('none'), '--out', out]],
  ['export --onnx', (out) => ['export', 'custom', '--onnx', join(out, 'm.onnx')]],
  ['export --transformers-js', (out) => ['export', 'custom', '--transformers-js', out]],
  ['run --draw', (out) => ['run', 'custom', images, '--draw', join(out, 'm.svg')]],
])('%s makes its folder and tries it before it opens the model', async (command, args) => {
  // There is no such model, so an error of the folder has come first.
  const none = command === 'train' ? [] : ['--weights', inFolder('none.safetensors')];
  const below = await runMain([...args(join(weights, 'out')), ...none]);
  expect(below.stderr).toMatch(/cannot write .*tiny\.safetensors.out.*: E[A-Z]+.*\[IO_FAILED\]\n$/);
  expect(below.status).toBe(1);
  if (command === 'train') return; // it would download next
  const made = await runMain([...args(inFolder('deep/er/out')), ...none]);
  expect(made.stderr).toMatch(/no file, folder or model .*none/);
  expect(await readdir(inFolder('deep/er'))).toContain('out');
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

  it('says which weights of a PyTorch file it took, and takes those that are named', async () => {
    const golden = new URL('../../vit-models/test/golden/weight-files.json', import.meta.url);
    const { files } = JSON.parse(await readFile(golden, 'utf8')) as {
      files: { name: string; gzip: string }[];
    };
    const { gzip } = files.find(({ name }) => name === 'ema.pth')!;
    await writeFile(inFolder('ema.pth'), gunzipSync(Buffer.from(gzip, 'base64')));
    const inspecting = ['inspect', inFolder('ema.pth'), '--heads', '2'];
    const taken = await runMain(inspecting);
    expect(taken.stderr).toContain(
      "the weights are those under 'state_dict_ema'; the file has others under 'state_dict' (choose with entry, --entry)",
    );
    const named = await runMain([...inspecting, '--entry', 'state_dict']);
    expect(named).toMatchObject({ status: 0, stderr: expect.not.stringContaining('state_dict') as string });
    expect(named.stdout).not.toBe(taken.stdout);
    const none = await runMain([...inspecting, '--entry', 'student']);
    expect(none.stderr).toMatch(
      /has no weights under 'student'; weights are under 'state_dict', 'state_dict_ema'/,
    );
    expect((await runMain(['inspect', weights, '--entry', 'model'])).stderr).toMatch(
      /holds one set of weights/,
    );
  });

  it('has all of it as JSON', async () => {
    expect(await runMainJson('inspect', weights)).toMatchObject({
      config: { heads: 1, classes: 5 },
      ...{ labels: null, ignored: [], remarks: [expect.stringMatching(/^no file beside/) as string] },
    });
  });
});

it('progress in a log: nothing for short jobs, then a line each 5 %, at least 10 seconds apart, or each minute', async () => {
  const stream = new PassThrough();
  let time = 0;
  const bar = createProgressBar(stream as unknown as NodeJS.WriteStream, false, () => time);
  const show = (stage: string, until: number, total: number) => {
    for (let done = 0; time <= until; time += 1000, done++) bar.show({ stage, done, total, unit: 'images' });
  };
  show('fast', 25_000, 50);
  show('slow', 150_000, 100_000);
  bar.clear();
  stream.end();
  expect((await text(stream)).split('\n')).toEqual([
    '[00:10] fast 10 images / 50 images (20 %)',
    '[00:20] fast 20 images / 50 images (40 %)',
    '[00:30] slow 4 images / 100000 images (0 %)',
    '[01:30] slow 64 images / 100000 images (0 %)',
    '[02:30] slow 124 images / 100000 images (0 %)',
    '',
  ]);
});

describe('devices', () => {
  const on = (...option: string[]) =>
    runMain(['run', ...model(), join(images, '0000.png'), '--top', '1', ...option]);

  it('have the names that people use, and a remark says which backend runs', async () => {
    const plain = await on();
    expect(plain.stderr).not.toContain('backend:');
    for (const option of [['--device', 'cpu'], ['--device=cpu'], ['--backend', 'cpu']]) {
      const { status, stdout, stderr } = await on(...option);
      expect({ status, stdout }).toEqual({ status: 0, stdout: plain.stdout });
      expect(stderr).toContain('backend: native');
    }
    expect((await on('--device', 'native')).stderr).not.toContain('backend:');
  });

  it('that are not known are refused, and budgets of time fit their backends', async () => {
    const { status, stderr } = await on('--device', 'cppu');
    expect(status).toBe(2);
    expect(stderr).toMatch(/unknown backend 'cppu'/);
    const slimming = [
      'slim',
      ...model(),
      '--data',
      images,
      '--out',
      inFolder('t'),
      '--schedule',
      'budget:9ms@native',
    ];
    const wrong = await runMain([...slimming, '--device', 'gpu']);
    expect(wrong.stderr).toMatch(/a time on native, so it needs --backend native, got 'gpu'/);
  });
});
