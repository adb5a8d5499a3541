/**
 * Recipes that need no plan of another recipe, run as they stand: on DeiT-Tiny and ImageNet images where this machine has
 * them, else on the model and images that come with the clone. CUDA cannot run here; of its recipe the rest does.
 */

import { openImageFolder } from '@patchslim/datasets';
import { findRealData } from '@patchslim/testing';
import { atNight, describeAtNight } from '@patchslim/testing/by-day';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { followRecipe } from './follow.js';
import { readPage, root } from './pages.js';
import { link } from '@patchslim/testing/platform';
import { createScratch, type Scratch } from './scratch.js';

const data = findRealData();
const real = { MODEL: 'deit-tiny', WEIGHTS: 'deit_tiny_patch16_224.safetensors', DATA: 'imagenet_sample' };
const embedded = { MODEL: 'custom', WEIGHTS: 'fashion-vit', DATA: 'fashion-images' };
const model = data ? real : embedded;

let scratch: Scratch;
beforeAll(async () => {
  scratch = await createScratch(data);
});
afterAll(() => scratch?.remove());

const follow = (recipe: string, variables: Readonly<Record<string, string>>) =>
  followRecipe(recipe, scratch, variables);
const readJson = async <T>(file: string): Promise<T> =>
  JSON.parse(await readFile(join(scratch.folder, file), 'utf8')) as T;

interface Classified {
  readonly results: readonly {
    readonly classes: readonly { readonly index: number; readonly name: string }[];
  }[];
}

describeAtNight('deploying a plan that chooses image by image', { timeout: 600_000 }, () => {
  const variables = { ...model, OUT: 'deployed', CLASSES: 'classes.txt' };
  const lines = <T>(printed: string | undefined) =>
    printed!
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as T);

  beforeAll(async () => {
    const plan = '--method ward --schedule budget:0.5 --evaluate 0';
    await scratch.shell(
      `patchslim slim $MODEL --weights $WEIGHTS --data $DATA --out $OUT ${plan}`,
      variables,
    );
    // Numbers for names: some classes of ImageNet share one.
    await scratch.shell('seq 0 999 | sed "s/^/number /" > classes.txt');
  }, 60_000);

  it('deploy with transformers.js', async () => {
    const printed = await follow('deploy-with-transformers-js', variables);
    expect(await readJson('deployed/transformers.json')).toMatchObject({
      input: 'pixel_values',
      form: 'portable',
    });
    expect((await readdir(join(scratch.folder, 'deployed/site/slim-deit'))).toSorted()).toEqual([
      'config.json',
      'onnx',
      'preprocessor_config.json',
    ]);
    const found = lines<{ label: string; score: number }>(printed.at(-1));
    const { results } = await readJson<Classified>('deployed/run-transformers.json');
    expect(found).toHaveLength(8);
    const same = found.filter(({ label }, i) => label === results[i]!.classes[0]!.name);
    // Its pixels are not quite ours: see the recipe, and the next test.
    expect(same.length).toBeGreaterThanOrEqual(7);
  });

  it('transformers.js gives the logits of patchslim from the same pixels', async () => {
    const { AutoModelForImageClassification, env, Tensor } = await import('@huggingface/transformers');
    const { decodeImage } = await import('@patchslim/datasets');
    const { createOnnxBackend } = await import('@patchslim/backend-onnx');
    const { blocksFor, parsePlan } = await import('@patchslim/slimming-schedules');
    const { float32, runOnHost } = await import('@patchslim/tensor');
    const { forward, fromPretrained, placeModel } = await import('@patchslim/vit-models');
    env.allowRemoteModels = false;
    env.localModelPath = `${join(scratch.folder, 'deployed/site')}/`;
    const theirs = await AutoModelForImageClassification.from_pretrained('slim-deit');
    const backend = await createOnnxBackend();
    const named = model.MODEL === 'custom' ? {} : { model: model.MODEL };
    const ours = placeModel(backend, await fromPretrained(join(scratch.folder, model.WEIGHTS), named));
    const plan = blocksFor(parsePlan(JSON.stringify(await readJson('deployed/plan.json'))), ours);
    const shape = [1, 3, ours.config.imageSize, ours.config.imageSize];
    const program = await backend.compile(
      ({ images }) => ({ logits: forward(ours, images, { plan }).logits }),
      { images: { shape, dtype: 'float32' } },
    );
    const { examples } = await openImageFolder(join(scratch.folder, model.DATA));
    for (const { source } of examples.slice(0, 6)) {
      const pixels = await decodeImage(source, ours.preprocessing);
      const { logits } = await runOnHost(backend, program, { images: float32(shape, pixels) });
      const output = (await theirs({ pixel_values: new Tensor('float32', pixels, shape) })) as {
        logits: { data: Float32Array };
      };
      const largest = Math.max(...output.logits.data.map((value, i) => Math.abs(value - logits.data[i]!)));
      expect(largest).toBeLessThan(1e-3);
    }
    await theirs.dispose();
    await backend.close();
  });

  it('deploy with TensorFlow.js', async () => {
    const printed = await follow('deploy-with-tensorflow-js', variables);
    const found = lines<{ class: number; logits: number[] }>(printed.at(-1));
    const { results } = await readJson<Classified>('deployed/run-tfjs.json');
    expect(found).toHaveLength(4);
    expect(found.map((each) => each.class)).toEqual(results.map(({ classes }) => classes[0]!.index));
  });
});

it('load a PyTorch checkpoint safely', { timeout: 120_000 }, async () => {
  // A file of PyTorch with averaged weights beside others, as tools/golden made it.
  const golden = await readFile(`${root}packages/vit-models/test/golden/weight-files.json`, 'utf8');
  const { files } = JSON.parse(golden) as { files: { name: string; gzip: string }[] };
  const write = async (name: string, file: string) => {
    const { gzip } = files.find((each) => each.name === name)!;
    await writeFile(join(scratch.folder, file), gunzipSync(Buffer.from(gzip, 'base64')));
  };
  await write('ema.pth', 'checkpoint.pth');
  const [image] = (await openImageFolder(join(scratch.folder, 'fashion-images'))).examples;
  const variables = { WEIGHTS: 'checkpoint.pth', ENTRY: 'state_dict', HEADS: '2', OUT: 'converted' };
  const printed = await follow('load-a-pytorch-checkpoint', { ...variables, IMAGE: image!.source as string });
  const [averaged, named, converted, run] = printed;
  const fingerprintOf = (text: string) => /^fingerprint +(\w+)$/m.exec(text)?.[1];
  expect(averaged).toMatch(/remarks +the weights are those under 'state_dict_ema'.*--entry/);
  expect(named).not.toContain('state_dict_ema');
  expect(fingerprintOf(averaged!)).not.toBe(fingerprintOf(named!));
  expect(converted!.trim()).toBe(fingerprintOf(named!));
  expect(run).toMatch(/\d % {2}class \d/);
  await write('module.pth', 'whole-model.pth');
  await expect(scratch.shell('patchslim inspect whole-model.pth')).rejects.toThrow(
    /the file asks for torch\.nn\.modules\.linear\.Linear, which weights do not need/,
  );
});

atNight('meet a time budget', { timeout: 600_000 }, async () => {
  // A second is never too short; what a tight budget makes is tested where times can be given, in slimming.
  const variables = { ...embedded, DATA: 'few-images', OUT: 'timed', MS: '1000', LIMIT: '8' };
  await follow('meet-a-time-budget', variables);
  const number = expect.any(Number) as number;
  expect(await readJson('timed/plan.json')).toMatchObject({
    provenance: {
      schedule: 'budget:1000ms@native',
      steps: expect.arrayContaining([
        { step: 'timed', backend: 'native', batch: 1, dense: number, slimmed: number },
      ]) as object[],
    },
  });
  for (const file of ['dense.json', 'speed.json'])
    expect(await readJson(`timed/${file}`)).toMatchObject({
      results: [{ batch: 1, denseMs: number, slimmedMs: number }],
    });
  const tight =
    'patchslim slim $MODEL --weights $WEIGHTS --data $DATA --out $OUT --schedule budget:0.001ms@native';
  const few = '--method ward --evaluate 0';
  await expect(scratch.shell(`${tight} ${few}`, variables)).rejects.toThrow(
    /costs .* at least .*; ask for [\d.]+ or more/,
  );
});

atNight('fine-tune on your images, also for other classes', { timeout: 600_000 }, async () => {
  const variables = { ...embedded, OUT: 'tuned', IMAGES: '24', LIMIT: '10', EPOCHS: '1' };
  // Three of the ten classes, a few images each, are the folder of a user.
  const { examples, classNames } = await openImageFolder(join(scratch.folder, 'fashion-images'));
  for (const [index, name] of classNames!.entries()) {
    await mkdir(join(scratch.folder, 'ten', name), { recursive: true });
    if (index % 4 === 0) await mkdir(join(scratch.folder, 'three', name), { recursive: true });
    for (const { source } of examples.filter(({ label }) => label === index).slice(0, 12)) {
      const file = source as string;
      await link(file, join(scratch.folder, 'ten', name, basename(file)));
      if (index % 4 === 0) await link(file, join(scratch.folder, 'three', name, basename(file)));
    }
  }
  const page = await readPage('docs/recipes/fine-tune-on-your-images.md');
  expect(page).toContain('new-classes.mjs');
  await follow('fine-tune-on-your-images', { ...variables, PHOTOS: 'ten' });
  expect(await readJson('tuned/plan.json')).toMatchObject({
    provenance: {
      steps: expect.arrayContaining([
        expect.objectContaining({
          step: 'recovered',
          recovery: 'finetune:epochs=1,rate=0.001,learn=norms,distill=0.5',
        }),
      ]) as object[],
    },
  });
  expect(await readJson('tuned.json')).toMatchObject({ images: 10, top1: expect.any(Number) as number });

  const program = 'node new-classes.mjs "$WEIGHTS" three other 5';
  const told = JSON.parse(await scratch.shell(program, variables)) as {
    classes: string[];
    losses: number[];
    top1: number;
  };
  expect(told).toMatchObject({ classes: [0, 4, 8].map((index) => classNames![index]) });
  expect(told.losses).toHaveLength(5);
  expect(told.losses[4]).toBeLessThan(0.9 * told.losses[0]!);
  const flops = await scratch.shell('patchslim flops custom --weights other --json');
  expect(JSON.parse(flops)).toHaveProperty('macs');
});

atNight('add a score', { timeout: 600_000 }, async () => {
  const [printed] = await follow('add-a-score', { ...model, IMAGES: '24', LIMIT: '24' });
  const told = printed!
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { score: string; agreement: number });
  expect(told.map(({ score }) => score)).toEqual(['attended-value', 'random']);
  for (const { agreement } of told) expect(agreement).toBeGreaterThan(0);
});

describe('read a report', { timeout: 600_000 }, () => {
  it('explains every field of a report and of its parts', async () => {
    const page = await readPage('docs/recipes/read-a-report.md');
    await follow('read-a-report', { ...embedded, OUT: 'report', IMAGES: '16', LIMIT: '10' });
    const timed = [
      '--schedule search:1000ms@native --method ward --images 12',
      '--recover distill:epochs=1,rate=0.00001',
    ];
    await scratch.shell(
      `patchslim slim custom --weights fashion-vit --data fashion-images --out report-2 --evaluate 4 ${timed.join(' ')}`,
    );
    type Report = Record<string, unknown> & {
      readonly blocks: readonly object[];
      readonly evaluation: Record<'dense' | 'slimmed', object>;
      readonly provenance: { readonly steps: readonly { readonly step: string }[] };
      readonly examples: readonly object[];
    };
    const reports = [
      await readJson<Report>('report/report.json'),
      await readJson<Report>('report-2/report.json'),
    ];
    const fields = reports.flatMap((report) => [
      ...Object.keys(report),
      ...Object.keys(report.provenance),
      ...report.provenance.steps.flatMap((step) => [step.step, ...Object.keys(step)]),
      ...Object.keys(report.blocks[0]!),
      ...Object.keys(report.evaluation.dense).map((key) => `dense.${key}`),
      ...Object.keys(report.evaluation.slimmed).map((key) => `slimmed.${key}`),
      ...Object.keys(report.examples[0]!),
    ]);
    expect(fields).toEqual(
      expect.arrayContaining(['top-down', 'searched', 'timed', 'recovered', 'slimmed.agreement']),
    );
    // One row serves both networks: `slimmed.…` in it stands for what has been named of the dense one.
    const explained = (field: string) =>
      [field, field.replace('slimmed.', 'dense.')].some((name) => page.includes(`\`${name}\``));
    expect([...new Set(fields)].filter((field) => !explained(field))).toEqual([]);
  });
});

describe('run on CUDA', { timeout: 600_000 }, () => {
  it('says what is missing, and how to get it', async () => {
    const [printed] = await follow('run-on-cuda', { ...embedded, OUT: 'cuda' });
    const { backends } = JSON.parse(printed!) as {
      backends: { name: string; works: boolean; reason?: string }[];
    };
    const state = (name: string) => backends.find((each) => each.name === name)!;
    const page = await readPage('docs/recipes/run-on-cuda.md');
    const installCuda =
      'node node_modules/onnxruntime-node/script/install.js --onnxruntime-node-install=cuda12';
    const setup = 'npx patchslim setup tfjs-node-gpu';
    for (const hint of [installCuda, setup]) expect(page).toContain(hint);
    // Where one does come up, that is more than this page promises.
    if (!state('cuda').works) expect(state('cuda').reason).toContain(installCuda);
    const gpu = state('tfjs-node-gpu');
    // A machine may have the addon, and no GPU.
    if (!gpu.works) expect(gpu.reason).toMatch(new RegExp(`${setup}|no CUDA device`));
    if (state('cuda').works) return;
    const run = 'patchslim slim custom --weights fashion-vit --data fashion-images --out cuda --backend cuda';
    await expect(scratch.shell(run)).rejects.toThrow(/status 1 [^]*BACKEND_UNAVAILABLE/);
  });
});
