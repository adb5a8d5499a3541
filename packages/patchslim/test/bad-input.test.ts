/** Input that cannot be used: each kind with its code, status 1, a message that says where, and nothing written. */

import { mkdir, readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { canonicalShapes, writeSafetensors } from '@patchslim/vit-models';
import { float32, sizeOf } from '@patchslim/tensor';
import { beforeEach, describe, expect, it } from 'vitest';
import { runMain, withoutRemarks } from './main.js';
import { temporaryFolder, tinyConfig, writeLabels, writeTinyImages, writeTinyModel } from './tiny-model.js';

let folder: string;
let weights: string;
let images: string;
beforeEach(async () => {
  folder = await temporaryFolder();
  weights = await writeTinyModel(join(folder, 'tiny.safetensors'));
  images = await writeTinyImages(join(folder, 'images'), 10);
});

const inFolder = (name: string): string => join(folder, name);

async function expectFailure(args: readonly string[], code: string, message: RegExp): Promise<void> {
  const { status, stdout, stderr } = await runMain(args);
  expect(stderr).toMatch(message);
  expect(stderr).toContain(`[${code}]`);
  expect(withoutRemarks(stderr).split('\n').length).toBe(2); // one line, no stack
  expect(stdout).toBe('');
  expect(status).toBe(1);
}

const evaluating = (changes: { weights?: string; images?: string } = {}, ...more: string[]): string[] => [
  ...['eval', 'custom', '--weights', changes.weights ?? weights, '--data', changes.images ?? images],
  ...more,
];

describe('weights', () => {
  it.each<[string, string | Uint8Array, string, RegExp]>([
    ['an empty file', '', 'CHECKPOINT_INVALID', /the file is empty; download or copy it again/],
    [
      'a text',
      'these are not the weights that you look for',
      'CHECKPOINT_INVALID',
      /does not fit into a file/,
    ],
    [
      'a zip file',
      'PK\x03\x04 and so on',
      'CHECKPOINT_INVALID',
      /zip file without its end; was the download cut off/,
    ],
    ['a file without tensors', '\x02\0\0\0\0\0\0\0{}', 'WEIGHTS_MISSING', /lacks patch_embed.proj.weight/],
  ])('%s', async (_, bytes, code, message) => {
    await writeFile(inFolder('bad.safetensors'), bytes);
    await expectFailure(evaluating({ weights: inFolder('bad.safetensors') }), code, message);
  });

  it('NaN, with the name of the tensor', async () => {
    await writeBroken('blocks.1.norm1.bias', Number.NaN);
    await expectFailure(
      evaluating({ weights: inFolder('broken.safetensors') }),
      'CHECKPOINT_INVALID',
      /tensor 'blocks.1.norm1.bias': element 0 at byte \d+ is NaN/,
    );
  });

  it.each<[string, string[], string, RegExp]>([
    ['nowhere', ['--weights', '/nowhere/x.safetensors'], 'NOT_FOUND', /no file, folder or model '\/nowhere/],
    [
      'of another model',
      [],
      'CHECKPOINT_INVALID',
      /not the model 'deit-tiny': .*expected \[192,3,8,8\], got \[64,3,8,8\]/,
    ],
  ])('%s', async (_, more, code, message) => {
    await expectFailure(
      ['eval', 'deit-tiny', '--weights', weights, '--data', images, ...more],
      code,
      message,
    );
  });

  it('numbers that are too large to compute with', async () => {
    const values = [...canonicalShapes(tinyConfig)].map(
      ([name, shape]) => [name, float32(shape, new Float32Array(sizeOf(shape)).fill(1e30))] as const,
    );
    await writeSafetensors(inFolder('large.safetensors'), new Map(values), { metadata });
    const large = { weights: inFolder('large.safetensors') };
    await expectFailure(evaluating(large), 'NUMERICAL', /predict\(\): .*'0000.png'.* NaN/);
    const slimming = [
      'slim',
      'custom',
      '--weights',
      large.weights,
      '--data',
      images,
      '--out',
      inFolder('out'),
    ];
    for (const schedule of ['counts:65,20,1', 'top-down:tolerance=0.1']) {
      await expectFailure([...slimming, '--schedule', schedule], 'NUMERICAL', /not a (finite )?number|NaN/);
    }
    expect(await readdir(inFolder('out'))).toEqual([]);
  });

  it('an empty folder', async () => {
    await mkdir(inFolder('empty'));
    await expectFailure(
      evaluating({ weights: inFolder('empty') }),
      'NOT_FOUND',
      /empty' has no file of weights \(.safetensors, .pth/,
    );
  });
});

/** A bare file tells the heads of a tiny model nowhere else. */
const metadata = { num_attention_heads: String(tinyConfig.heads) };

/** A file as another program may write it: with a value that `writeSafetensors` refuses. */
async function writeBroken(name: string, value: number): Promise<void> {
  const marker = 12345.678;
  const tensors = [...canonicalShapes(tinyConfig)].map(
    ([own, shape]) =>
      [own, float32(shape, new Float32Array(sizeOf(shape)).fill(own === name ? marker : 0.1))] as const,
  );
  const path = inFolder('broken.safetensors');
  await writeSafetensors(path, new Map(tensors), { metadata });
  const bytes = await readFile(path);
  const at = bytes.indexOf(Buffer.from(Float32Array.of(marker).buffer));
  bytes.writeFloatLE(value, at);
  await writeFile(path, bytes);
}

describe('images', () => {
  it.each<[string, Record<string, string>, string, RegExp]>([
    ['a folder with nothing in it', {}, 'DATA_INVALID', /no labels.csv, and no .jpg/],
    [
      'a class without images',
      { 'a/1.png': '', 'b/x.txt': '' },
      'DATA_INVALID',
      /class folder 'b' has no images/,
    ],
    [
      'a missing file',
      { 'labels.csv': 'file,class_index\nno.png,1\n' },
      'DATA_INVALID',
      /labels.csv:2: 'no.png' is not a file/,
    ],
    [
      'a negative label',
      { 'labels.csv': 'file,class_index\na.png,-1\n', 'a.png': '' },
      'DATA_INVALID',
      /labels.csv:2: .*got '-1'/,
    ],
    [
      'half a label',
      { 'labels.csv': 'file,class_index\na.png,1.5\n', 'a.png': '' },
      'DATA_INVALID',
      /labels.csv:2: .*got '1.5'/,
    ],
    ['an empty image', { 'a.png': '' }, 'DATA_INVALID', /cannot decode '.*a.png'/],
    ['a text called image', { 'a.jpg': 'hello' }, 'DATA_INVALID', /cannot decode '.*a.jpg'/],
  ])('%s', async (_, files, code, message) => {
    for (const [name, content] of Object.entries(files)) {
      await mkdir(join(inFolder('bad'), name, '..'), { recursive: true });
      await writeFile(join(inFolder('bad'), name), content);
    }
    await mkdir(inFolder('bad'), { recursive: true });
    await expectFailure(evaluating({ images: inFolder('bad') }), code, message);
  });

  it('a folder that is not there, and a file', async () => {
    await expectFailure(evaluating({ images: inFolder('no') }), 'NOT_FOUND', /no' does not exist/);
    await expectFailure(
      evaluating({ images: weights }),
      'IO_FAILED',
      /cannot read '.*tiny.safetensors': ENOTDIR/,
    );
  });

  it('a label that the model has no class for, before any image is decoded', async () => {
    await writeLabels(images, [
      ['0001.png', 4],
      ['0002.png', 5],
    ]);
    await writeFile(join(images, '0001.png'), 'no image');
    const message = /images\/labels.csv:3: '0002.png' has class 5, but the model has 5 classes \(0 to 4\)/;
    await expectFailure(evaluating(), 'DATA_INVALID', message);
    const slimming = ['slim', 'custom', '--weights', weights, '--data', images, '--out', inFolder('out')];
    await expectFailure(slimming, 'DATA_INVALID', message);
    expect(await readdir(inFolder('out'))).toEqual([]);
  });

  it('more class folders than the model has classes', async () => {
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) {
      await mkdir(join(inFolder('classes'), name), { recursive: true });
      await writeFile(join(inFolder('classes'), name, '1.png'), '');
    }
    const message =
      /classes': 6 class folders are not the 5 classes of the model, which has no names for them: .*--labels/;
    await expectFailure(evaluating({ images: inFolder('classes') }), 'DATA_INVALID', message);
  });

  it('corrupt and gigantic ones end the run, or are left out with a remark', async () => {
    const bomb = pngHeader(60_000);
    await writeLabels(images, [
      ['0000.png', 0],
      ['bomb.png', 1],
      ['cut.png', 2],
      ['vast.png', 3],
      ['0003.png', 4],
    ]);
    await writeFile(join(images, 'bomb.png'), bomb);
    await writeFile(join(images, 'cut.png'), bomb.subarray(0, 20));
    await writeFile(join(images, 'vast.png'), '');
    await truncate(join(images, 'vast.png'), 5e9); // takes no room on the disk
    await expectFailure(evaluating(), 'DATA_INVALID', /cannot decode '.*bomb.png': .*pixel limit/);
    const { status, stdout, stderr } = await runMain(evaluating({}, '--corrupt', 'skip', '--json'));
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ images: 2 });
    expect(stderr.match(/left out \w+\.png/g)).toEqual(
      ['bomb', 'cut', 'vast'].map((name) => `left out ${name}.png`),
    );
  });

  it('only corrupt ones, left out', async () => {
    await writeLabels(images, [['bad.png', 0]]);
    await writeFile(join(images, 'bad.png'), 'no image');
    await expectFailure(
      [...evaluating({}, '--corrupt', 'skip'), '--quiet'],
      'DATA_INVALID',
      /expected at least one image, got none/,
    );
  });
});

describe('plans', () => {
  const plan = async (): Promise<{ path: string; json: Record<string, unknown> }> => {
    const out = inFolder('out');
    const args = ['slim', 'custom', '--weights', weights, '--data', images, '--out', out, '--images', '4'];
    const fixed = [
      '--method',
      'patch-slimming',
      '--schedule',
      'counts:65,20,1',
      '--evaluate',
      '0',
      '--quiet',
    ];
    const { status, stderr } = await runMain([...args, ...fixed]);
    expect(withoutRemarks(stderr)).toBe('');
    expect(status).toBe(0);
    const path = join(out, 'plan.json');
    return { path, json: JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown> };
  };

  it('for other weights, another model, edited ones, none at all', async () => {
    const { path, json } = await plan();
    const other = await writeTinyModel(inFolder('other.safetensors'), tinyConfig, 2);
    await expectFailure(
      evaluating({ weights: other }, '--plan', path),
      'PLAN_MISMATCH',
      /made for other weights/,
    );
    const larger = { ...tinyConfig, depth: 4 };
    const deeper = await writeTinyModel(inFolder('deeper.safetensors'), larger);
    await expectFailure(
      evaluating({ weights: deeper }, '--plan', path),
      'PLAN_MISMATCH',
      /with 3 blocks.*4 blocks/,
    );

    const edits: [unknown, string, RegExp][] = [
      [{ ...json, version: 3 }, 'PLAN_INVALID', /version: /],
      [{ ...json, blocks: [] }, 'PLAN_INVALID', /expected 3 blocks for custom, got 0/],
      [
        { ...json, blocks: Array(3).fill({ kind: 'keep', keep: [0, 65], keys: 'all' }) },
        'PLAN_INVALID',
        /keeps tokens 65/,
      ],
      [
        { ...json, blocks: Array(3).fill({ kind: 'keep', keep: [0, 0], keys: 'all' }) },
        'PLAN_INVALID',
        /a token twice/,
      ],
      [
        { ...json, blocks: Array(3).fill({ kind: 'keep', keep: [3], keys: 'all' }) },
        'PLAN_INVALID',
        /drops token 0/,
      ],
      ['half a plan', 'PLAN_INVALID', /no slim plan: it holds a string; give the plan.json/],
    ];
    for (const [edited, code, message] of edits) {
      await writeFile(path, JSON.stringify(edited));
      await expectFailure(evaluating({}, '--plan', path), code, message);
    }
    await writeFile(path, '');
    await expectFailure(evaluating({}, '--plan', path), 'PLAN_INVALID', /is not JSON/);
    await truncate(path, 3e9);
    await expectFailure(evaluating({}, '--plan', path), 'IO_FAILED', /expected at most 100000000 bytes/);
    await expectFailure(evaluating({}, '--plan', folder), 'IO_FAILED', /cannot read the plan .*EISDIR/);
    await expectFailure(
      evaluating({}, '--plan', inFolder('no.json')),
      'NOT_FOUND',
      /cannot read the plan .*ENOENT/,
    );
  });
});

describe('other files', () => {
  it('class names that are not there, or a folder', async () => {
    const running = ['run', 'custom', join(images, '0000.png'), '--weights', weights, '--labels'];
    await expectFailure(
      [...running, inFolder('no.txt')],
      'NOT_FOUND',
      /cannot read the class names in .*no.txt/,
    );
    await expectFailure([...running, folder], 'IO_FAILED', /cannot read the class names in .*EISDIR/);
  });
});

/** A PNG that claims to be `side` pixels wide and high, and holds none. */
function pngHeader(side: number): Buffer {
  const header = Buffer.from('89504e470d0a1a0a0000000d494844520000000000000000080200000000000000', 'hex');
  header.writeUInt32BE(side, 16);
  header.writeUInt32BE(side, 20);
  header.writeUInt32BE(crc32(header.subarray(12, 29)), 29);
  return Buffer.concat([header, Buffer.from('0000000c49444154789c03000000000100000000', 'hex')]);
}
