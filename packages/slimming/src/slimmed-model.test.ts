import { createOnnxBackend } from '@patchslim/backend-onnx';
import { decodeImage, tensorSet } from '@patchslim/datasets';
import { blocksFor, parsePlan, type SlimPlan } from '@patchslim/slimming-schedules';
import { float32 } from '@patchslim/tensor';
import { toPlanBlocks } from '@patchslim/token-reducers';
import { requireRealData } from '@patchslim/testing';
import {
  fromPretrained,
  placeModel,
  type BlockPlan,
  type Checkpoint,
  type VitModel,
} from '@patchslim/vit-models';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { countPrograms } from '../test/count-programs.js';
import { blocksOf } from '../test/golden.js';
import { backends, imageFiles } from '../test/image-files.js';
import { config, smallCheckpoint, smallModel } from '../test/small-model.js';
import { predict } from './evaluate.js';
import { createSlimmedModel, openSlimmed } from './index.js';

const blocks: readonly BlockPlan[] = [
  { kind: 'keep', keep: [0, 2, 5, 7, 11, 16], keys: 'compact' },
  { kind: 'dense' },
  { kind: 'keep', keep: [0, 5, 16], keys: 'compact' },
  { kind: 'keep', keep: [0], keys: 'compact' },
];
const labels = ['ant', 'bee', 'cow', 'dog', 'elk', 'fox', 'gnu'];

/** As read from a file of format version 2. */
function planFor(
  { config: { name, depth }, fingerprint }: Pick<VitModel, 'config' | 'fingerprint'>,
  chosen = blocks,
  tokens = 17,
): SlimPlan {
  const provenance = {
    ...{
      tool: 'test',
      method: 'patch-slimming',
      estimator: 'impact',
      attention: 'dense',
      schedule: 'counts',
    },
    ...{ keys: 'compact', seed: 0, data: 'none', images: 0, macs: { dense: 2, slimmed: 1 } },
  };
  const model = { name, fingerprint, depth, tokens, prefixTokens: 1 };
  return parsePlan(
    JSON.stringify({
      ...{ format: 'patchslim-plan', version: 2 },
      ...{ model, blocks: toPlanBlocks(chosen), provenance },
    }),
  );
}

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'patchslim-slimmed-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

/** Logits of one image file. */
async function logitsOf(model: VitModel, file: string, plan?: readonly BlockPlan[]): Promise<number[]> {
  const pixels = float32(
    [1, 3, config.imageSize, config.imageSize],
    await decodeImage(file, model.preprocessing),
  );
  const { logits } = await predict(model, tensorSet('one', pixels), { plan, batchSize: 1, keepLogits: true });
  return [...logits!];
}

function probabilities(logits: readonly number[]): number[] {
  const weights = logits.map(Math.exp);
  const sum = weights.reduce((a, b) => a + b, 0);
  return weights.map((weight) => weight / sum);
}

describe.each(backends)('a slimmed model on %s', (_, open) => {
  let model: VitModel;
  let files: readonly string[];
  beforeEach(async () => {
    model = placeModel(await open(), { ...(await smallCheckpoint()), labels });
    files = (await imageFiles(2)).map(({ source }) => source as string);
  });

  it('classifies like evaluation under the plan, not like the dense network', async () => {
    const slimmed = createSlimmedModel(model, { plan: planFor(model) });
    for (const file of files) {
      const expected = probabilities(await logitsOf(model, file, blocks));
      const guesses = await slimmed.classify(file, { top: 7 });
      expect(guesses.map(({ probability }) => probability)).toEqual(
        guesses.map(({ index }) => expect.closeTo(expected[index]!, 5) as number),
      );
      expect(guesses.map(({ label }) => label)).toEqual(guesses.map(({ index }) => labels[index]));
      const sorted = guesses.map(({ probability }) => probability).sort((a, b) => b - a);
      expect(guesses.map(({ probability }) => probability)).toEqual(sorted);
      const dense = probabilities(await logitsOf(model, file));
      expect(guesses[0]!.probability).not.toBeCloseTo(dense[guesses[0]!.index]!, 3);
      expect(await slimmed.classify(await readFile(file), { top: 2 })).toEqual(guesses.slice(0, 2));
    }
    expect(await slimmed.classify(files[0]!)).toHaveLength(5);
    await slimmed.close();
    await model.backend.close();
  });

  it('embeds to the input of the head', async () => {
    const slimmed = createSlimmedModel(model, { plan: planFor(model) });
    const features = await slimmed.embed(files[0]!);
    expect(features).toHaveLength(config.width);
    const [weight, bias] = [
      await model.params.head!.weight.toHost(),
      await model.params.head!.bias!.toHost(),
    ];
    const logits = Array.from(bias.data, (start, c) =>
      features.reduce((sum, value, d) => sum + value * weight.data[d * config.classes + c]!, start),
    );
    const expected = await logitsOf(model, files[0]!, blocks);
    expect(logits).toEqual(expected.map((value) => expect.closeTo(value, 4) as number));
    await slimmed.close();
    await model.backend.close();
  });

  it('compiles one program, on first use, and frees everything', async () => {
    const before = model.backend.memory.liveTensors;
    const programs = countPrograms(model.backend);
    const adapted = await smallCheckpoint(config.depth, 2);
    const slimmed = createSlimmedModel(model, { plan: planFor(adapted), adapted });
    expect(programs.live).toBe(0);
    await Promise.all([slimmed.classify(files[0]!), slimmed.embed(files[1]!), slimmed.classify(files[1]!)]);
    expect(programs.live).toBe(1);
    await Promise.all([slimmed.close(), slimmed.close()]);
    expect([programs.live, model.backend.memory.liveTensors]).toEqual([0, before]);
    await expect(slimmed.classify(files[0]!)).rejects.toMatchObject({ code: 'DISPOSED' });
    await model.backend.close();
  });

  it('saves a folder that opens again, with adapted weights and labels', async () => {
    const folder = await temporaryFolder();
    const adapted: Checkpoint = { ...(await smallCheckpoint(config.depth, 2)), labels };
    const plan = planFor(adapted);
    const slimmed = createSlimmedModel(model, { plan, adapted });
    expect(slimmed.model.fingerprint).toBe(adapted.fingerprint);
    const [guesses, features] = [await slimmed.classify(files[0]!), await slimmed.embed(files[0]!)];
    await slimmed.save(folder);
    await slimmed.close();

    const before = model.backend.memory.liveTensors;
    const opened = await openSlimmed(model.backend, folder);
    expect(opened.plan).toEqual(parsePlan(await readFile(join(folder, 'plan.json'), 'utf8')));
    expect(blocksFor(opened.plan, opened.model)).toEqual(blocksFor(plan, adapted));
    expect(await opened.classify(files[0]!)).toEqual(guesses);
    expect(await opened.embed(files[0]!)).toEqual(features);
    await opened.close();
    expect(model.backend.memory.liveTensors).toBe(before);
    await model.backend.close();
  });
});

it('names classes by number without labels, and refuses an invalid top', async () => {
  const model = await smallModel();
  const [file] = await imageFiles(1);
  const slimmed = createSlimmedModel(model, { plan: planFor(model) });
  const [best] = await slimmed.classify(file!.source, { top: 1 });
  expect(best!.label).toBe(`class ${best!.index}`);
  for (const top of [0, 1.5]) {
    await expect(slimmed.classify(file!.source, { top })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  }
});

it('compiles again after a failure', async () => {
  const model = await smallModel();
  countPrograms(model.backend, { compile: 1 });
  const [file] = await imageFiles(1);
  const slimmed = createSlimmedModel(model, { plan: planFor(model) });
  await expect(slimmed.embed(file!.source)).rejects.toMatchObject({ code: 'BACKEND_UNAVAILABLE' });
  expect(await slimmed.embed(file!.source)).toHaveLength(config.width);
  await slimmed.close();
});

it('refuses the plan of other weights, in memory and in a folder, and places nothing', async () => {
  const model = await smallModel();
  const before = model.backend.memory.liveTensors;
  const other = await smallCheckpoint(config.depth, 2);
  const mismatch = expect.objectContaining({ code: 'PLAN_MISMATCH' }) as unknown;
  expect(() => createSlimmedModel(model, { plan: planFor(other) })).toThrow(mismatch);
  expect(() => createSlimmedModel(model, { plan: planFor(model), adapted: other })).toThrow(mismatch);
  const folder = await temporaryFolder();
  await createSlimmedModel(model, { plan: planFor(model) }).save(folder);
  const text = await readFile(join(folder, 'plan.json'), 'utf8');
  await writeFile(join(folder, 'plan.json'), text.replaceAll(model.fingerprint, other.fingerprint));
  await expect(openSlimmed(model.backend, folder)).rejects.toEqual(mismatch);
  await expect(openSlimmed(model.backend, join(folder, 'none'))).rejects.toMatchObject({ code: 'NOT_FOUND' });
  expect(model.backend.memory.liveTensors).toBe(before);
});

it('DeiT-Tiny under the plan of Fig. 5 knows a goldfish', async (context) => {
  const { weights, images } = requireRealData(context);
  const model = placeModel(await createOnnxBackend(), await fromPretrained(weights));
  const slimmed = createSlimmedModel(model, { plan: planFor(model, blocksOf('compact'), 197) });
  const goldfish = join(images, 'images', 'n01443537_goldfish.JPEG');
  const guesses = await slimmed.classify(goldfish, { top: 3 });
  expect(guesses[0]).toMatchObject({ index: 1, label: 'goldfish, Carassius auratus' });
  expect(await slimmed.embed(goldfish)).toHaveLength(192);
  await slimmed.close();
  await model.backend.close();
});
