/**
 * Every reader gets a file with one key that it does not know: it says so in a remark, refuses the file by the name of the key, or
 * says nothing where the key can change neither classes nor pixels.
 */

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { float32, sizeOf } from '@patchslim/tensor';
import { canonicalShapes, writeSafetensors } from '@patchslim/vit-models';
import { describe, expect, it } from 'vitest';
import { runMain } from './main.js';
import { temporaryFolder, tinyConfig, writeLabels, writeTinyImages } from './tiny-model.js';

const third = [0.5, 0.5, 0.5];
const preprocessor = {
  image_processor_type: 'ViTImageProcessor',
  ...{ do_resize: true, size: { height: 64, width: 64 }, resample: 3 },
  ...{ do_normalize: true, image_mean: third, image_std: third },
};
const transformers = { model_type: 'vit', num_attention_heads: 1 };
const timm = { input_size: [3, 64, 64], crop_pct: 0.9, interpolation: 'bicubic', mean: third, std: third };
const ofTimm = { architecture: 'vit_custom', num_attention_heads: 1 };

interface Files {
  readonly config?: object;
  readonly preprocessor?: object;
  /** Further tensors, one number each. */
  readonly tensors?: readonly string[];
}

/** Zeros; the number of heads is left to other files. */
async function writeWeights(folder: string, further: readonly string[] = []): Promise<void> {
  const shapes = [...canonicalShapes(tinyConfig), ...further.map((name) => [name, [1]] as const)];
  const tensors = new Map(
    shapes.map(([name, shape]) => [name, float32(shape, new Float32Array(sizeOf(shape)))]),
  );
  await writeSafetensors(join(folder, 'model.safetensors'), tensors);
}

/** What `inspect` says of a folder with these files, beside what it says without the key. */
async function inspected({ config = transformers, preprocessor: images, tensors = [] }: Files) {
  const folder = await temporaryFolder();
  await writeWeights(folder, tensors);
  await writeFile(join(folder, 'config.json'), JSON.stringify(config));
  if (images) await writeFile(join(folder, 'preprocessor_config.json'), JSON.stringify(images));
  return runMain(['inspect', folder, '--json']);
}

type Outcome =
  { readonly remark: RegExp } | { readonly ignored: string } | { readonly refused: RegExp } | 'silent';

async function expectOutcome(files: Files, outcome: Outcome): Promise<void> {
  const { status, stdout, stderr } = await inspected(files);
  if (typeof outcome === 'object' && 'refused' in outcome) {
    expect(stderr).toMatch(outcome.refused);
    expect(stderr).toContain('[CHECKPOINT_INVALID]');
    expect([status, stdout]).toEqual([1, '']);
    return;
  }
  expect(status, stderr).toBe(0);
  const { remarks, ignored } = JSON.parse(stdout) as { remarks: string[]; ignored: string[] };
  if (outcome === 'silent') expect([...remarks, ...ignored]).toEqual([]);
  else if ('remark' in outcome) expect(remarks).toEqual([expect.stringMatching(outcome.remark)]);
  else expect(ignored).toEqual([outcome.ignored]);
}

const notUsed = { remark: /not used: swirl$/ };

describe('preprocessor_config.json', () => {
  it.each<[string, object, Outcome]>([
    ['no such key', {}, 'silent'],
    ['an unknown key', { swirl: 1 }, notUsed],
    ['an unknown key that is off', { swirl: null }, 'silent'],
    ['an unknown step', { do_swirl: true }, { refused: /do_swirl: this step is not supported, got true/ }],
    ['an unknown step that is off', { do_swirl: false }, 'silent'],
    [
      'a step that is known and not supported',
      { do_grayscale: true },
      { refused: /do_grayscale: this step/ },
    ],
    ['a key without effect', { processor_class: 'swirl' }, 'silent'],
    ['an unknown side', { size: { swirl: 64 } }, { refused: /size: expected .*got "swirl"/ }],
    ['an unknown filter', { resample: 9 }, { refused: /resample: expected a number from 0 to 5/ }],
    [
      'an unknown class, nothing left to its defaults',
      { image_processor_type: 'SwirlImageProcessor' },
      { remark: /the image processor SwirlImageProcessor is not known/ },
    ],
    [
      'an unknown class with defaults',
      { image_processor_type: 'SwirlImageProcessor', size: 64 },
      { refused: /the image processor "SwirlImageProcessor" is not known/ },
    ],
  ])('%s', (_, change, outcome) => expectOutcome({ preprocessor: { ...preprocessor, ...change } }, outcome));
});

describe('config.json of transformers', () => {
  it.each<[string, object, Outcome]>([
    ['no such key', {}, 'silent'],
    ['an unknown key', { swirl: 1 }, notUsed],
    ['an unknown key that is off', { swirl: false }, 'silent'],
    ['an unknown step', { do_swirl: 'always' }, { refused: /do_swirl: this step is not supported/ }],
    ['a key without effect', { transformers_version: '9' }, 'silent'],
    ['an unknown kind of model', { model_type: 'swirl' }, { refused: /model_type: .*got "swirl"/ }],
    [
      'an unknown activation',
      { hidden_act: 'swirl' },
      { refused: /hidden_act: "swirl" makes another network/ },
    ],
    ['an unknown problem', { problem_type: 'swirl' }, { refused: /problem_type: expected one of/ }],
    [
      'a variant of the network',
      { use_swiglu_ffn: true },
      { refused: /use_swiglu_ffn: true, which the weights contradict/ },
    ],
    ['a key of timm', { crop_pct: 0.5 }, { remark: /not used: crop_pct$/ }],
  ])('%s', (_, change, outcome) =>
    expectOutcome({ config: { ...transformers, ...change }, preprocessor }, outcome),
  );
});

describe('config.json of timm', () => {
  it.each<[string, object, object, Outcome]>([
    ['no such key', {}, {}, 'silent'],
    ['an unknown key on top', { swirl: 1 }, {}, notUsed],
    ['an unknown key in pretrained_cfg', {}, { swirl: 1 }, notUsed],
    [
      'an unknown argument of the network',
      { model_args: { swirl: 1 } },
      {},
      { refused: /model_args\.swirl is not known/ },
    ],
    ['an unknown step', {}, { do_swirl: 1 }, { refused: /do_swirl: this step is not supported/ }],
    ['an unknown crop', {}, { crop_mode: 'swirl' }, { refused: /crop_mode: expected one of/ }],
    [
      'a key that is known and not supported',
      {},
      { label_offset: 1 },
      { refused: /label_offset: this step/ },
    ],
    ['a key without effect', {}, { paper_ids: 'swirl' }, 'silent'],
  ])('%s', (_, top, inside, outcome) =>
    expectOutcome({ config: { ...ofTimm, ...top, pretrained_cfg: { ...timm, ...inside } } }, outcome),
  );
});

describe('a state dict', () => {
  it.each<[string, string, Outcome]>([
    ['an unknown tensor outside the blocks', 'swirl.weight', { ignored: 'swirl.weight' }],
    ['an unknown tensor in a block', 'blocks.0.swirl.weight', { refused: /swirl\.weight belong/ }],
    ['a block that the others lack', 'blocks.7.norm1.weight', { refused: /blocks\./ }],
    ['register tokens', 'reg_token', { refused: /pos_embed: expected 2 \+ n² tokens/ }],
  ])('%s', async (name, tensor, outcome) => {
    if (name === 'a block that the others lack') {
      const { status, stderr } = await inspected({ preprocessor, tensors: [tensor] });
      expect([status, stderr]).toEqual([
        1,
        expect.stringMatching(/blocks\.3\.norm1\.weight.*\[WEIGHTS_MISSING\]/),
      ]);
    } else await expectOutcome({ preprocessor, tensors: [tensor] }, outcome);
  });
});

describe('label files', () => {
  it.each([
    [
      'names by index and one more key',
      { 0: 'a', 1: 'b', 2: 'c', 3: 'd', 4: 'e', swirl: 'x' },
      /indices 0 to 5, 5 is missing/,
    ],
    ['a name too many', ['a', 'b', 'c', 'd', 'e', 'swirl'], /names of the 5 classes of the model, got 6/],
    [
      'id2label beside other keys',
      { swirl: 1, id2label: { 0: 'a', 1: 'b', 2: 'c', 3: 'd', 4: 'e' } },
      undefined,
    ],
  ])('%s', async (_, names, refused) => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'names.json'), JSON.stringify(names));
    await writeWeights(folder);
    const options = ['--heads', '1', '--labels', join(folder, 'names.json')];
    const { status, stderr } = await runMain(['inspect', join(folder, 'model.safetensors'), ...options]);
    if (refused) expect(stderr).toMatch(refused);
    expect(status).toBe(refused ? 1 : 0);
  });

  it('a table with columns of other programs is read, and one without its columns refused', async () => {
    const folder = await temporaryFolder();
    const images = await writeTinyImages(join(folder, 'images'), 2);
    await mkdir(join(folder, 'model'));
    await writeWeights(join(folder, 'model'));
    const evaluate = () =>
      runMain(['eval', 'custom', '--weights', join(folder, 'model'), '--heads', '1', '--data', images]);
    await writeFile(join(images, 'labels.csv'), 'swirl,file,class_index\nx,0000.png,1\ny,0001.png,2\n');
    expect((await evaluate()).status).toBe(0);
    await writeFile(join(images, 'labels.csv'), 'file,swirl\n0000.png,1\n');
    expect((await evaluate()).stderr).toMatch(/labels\.csv:1: expected a header .*got file,swirl/);
    await writeLabels(images, [['0000.png', 'swirl']]);
    expect((await evaluate()).stderr).toMatch(/labels\.csv:2: .*got 'swirl'/);
  });
});
