/** `slim --method …`: plans that choose the tokens of each image, in every command that takes a plan. */

import { imageFolder, modelFolder } from '@patchslim/fashion-vit';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pickBackend } from '@patchslim/backends';
import { methods } from '@patchslim/slimming';
import { findStep, parsePlan, type SlimPlan } from '@patchslim/slimming-schedules';
import { expect, it } from 'vitest';
import { runMain, runMainJson } from './main.js';
import { temporaryFolder, tinyConfig, writeTinyImages, writeTinyModel } from './tiny-model.js';
import { filesIn } from './watch-files.js';

it('makes a plan that all other commands take', { timeout: 240_000 }, async () => {
  const folder = await temporaryFolder();
  const weights = await writeTinyModel(join(folder, 'tiny.safetensors'));
  const images = await writeTinyImages(join(folder, 'images'), 12);
  const out = join(folder, 'out');
  const model = ['custom', '--weights', weights];
  const data = ['--data', images];
  const slim = await runMainJson<{
    counts: number[];
    macs: { slimmed: number };
    paths: Record<'plan' | 'reportHtml', string>;
  }>(
    'slim',
    ...model,
    ...data,
    '--out',
    out,
    '--images',
    '8',
    '--method',
    'dps',
    '--schedule',
    'counts:30,9,1',
  );
  expect(slim.counts).toEqual([30, 9, 1]);
  const plan = JSON.parse(await readFile(slim.paths.plan, 'utf8')) as {
    blocks: { kind: string }[];
    provenance: { method: string; steps: object[] };
  };
  expect(plan.blocks.map(({ kind }) => kind)).toEqual(['reduce', 'reduce', 'keep']);
  expect(plan.provenance).toMatchObject({
    method: 'dps',
    steps: [{ step: 'fitted', images: 8, r2: [expect.any(Number), expect.any(Number), null] }],
  });
  expect(await readFile(slim.paths.reportHtml, 'utf8')).toContain('The plan chooses patches for each image.');

  const withPlan = [...model, '--plan', slim.paths.plan];
  const { macs } = slim;
  expect(await runMainJson<object>('eval', ...withPlan, ...data)).toMatchObject({
    images: 12,
    macs: macs.slimmed,
  });
  const counted = await runMainJson<{ macs: number; blocks: { tokensKept: number }[] }>('flops', ...withPlan);
  expect(counted.macs).toBe(macs.slimmed);
  expect(counted.blocks.map(({ tokensKept }) => tokensKept)).toEqual([30, 9, 1]);
  const onnx = ['--onnx', join(folder, 'slim.onnx'), '--form', 'portable', '--batch', 'dynamic'];
  const { operators } = await runMainJson<{ operators: Record<string, number> }>(
    'export',
    ...withPlan,
    ...onnx,
  );
  expect(operators['TopK']).toBe(2);
  const timed = ['--batch', '2', '--runs', '1'];
  const { results } = await runMainJson<{ results: { macRatio: number }[] }>('bench', ...withPlan, ...timed);
  expect(results[0]!.macRatio).toBeLessThan(1);
  const drawing = join(folder, 'kept.svg');
  await runMainJson('run', ...withPlan, join(images, '0000.png'), '--draw', drawing);
  expect(await readFile(drawing, 'utf8')).toContain('block 1: 30 tokens');
});

it.each([
  ['ward', 'ward'],
  ['tome', 'tome'],
  ['evit', 'top-k'],
])('%s makes a plan of blocks that choose, without looking at an image', async (method, reducer) => {
  const folder = await temporaryFolder();
  const weights = await writeTinyModel(join(folder, 'tiny.safetensors'));
  const images = await writeTinyImages(join(folder, 'images'), 4);
  const model = ['custom', '--weights', weights];
  const slim = await runMainJson<{
    counts: number[];
    macs: { slimmed: number; dense: number };
    evaluation: { heldBack: boolean; slimmed: { images: number } };
    paths: Record<'plan', string>;
  }>(
    ...['slim', ...model, '--data', images, '--out', join(folder, 'out')],
    ...['--method', method, '--schedule', 'budget:0.74'],
  );
  const { blocks, provenance } = JSON.parse(await readFile(slim.paths.plan, 'utf8')) as {
    blocks: { kind: string; reducer?: { name: string } }[];
    provenance: { method: string; schedule: string; images?: object; steps: object[] };
  };
  expect(blocks.map((block) => block.kind)).toEqual(['dense', 'reduce', 'keep']);
  expect(blocks[1]!.reducer!.name).toBe(reducer);
  expect(provenance).toMatchObject({ method, schedule: 'budget:0.74', steps: [] });
  expect(provenance.images).toBeUndefined();
  expect(slim.macs.slimmed).toBeLessThanOrEqual(0.74 * slim.macs.dense);
  expect(slim.evaluation).toMatchObject({ heldBack: true, slimmed: { images: 4 } });
  const onnx = ['--onnx', join(folder, 'slim.onnx'), '--batch', 'dynamic'];
  await runMainJson('export', ...model, '--plan', slim.paths.plan, ...onnx);
});

it(
  'adapts the weights to a plan that merges, and says what that was worth',
  { timeout: 300_000 },
  async () => {
    const out = join(await temporaryFolder(), 'out');
    const model = ['custom', '--weights', fileURLToPath(modelFolder)];
    const data = ['--data', fileURLToPath(imageFolder)];
    const { status, stderr, stdout } = await runMain([
      ...['slim', ...model, ...data, '--out', out, '--method', 'ward', '--schedule', 'budget:0.4', '--json'],
      ...['--recover', 'distill:epochs=2,rate=0.0003,learn=norms', '--images', '80', '--evaluate', '40'],
    ]);
    expect(status).toBe(0);
    const { paths, evaluation } = JSON.parse(stdout) as {
      paths: Record<'plan' | 'model', string>;
      evaluation: { slimmed: { top1: number } };
    };
    const { provenance } = await readPlan(paths.plan);
    expect(provenance).toMatchObject({
      method: 'ward',
      images: { count: 80 },
      steps: [
        {
          step: 'recovered',
          recovery: 'distill:epochs=2,rate=0.0003,learn=norms,features=1',
          images: 70,
          judges: 10,
        },
      ],
    });
    const { before, after } = findStep(provenance, 'recovered')!;
    expect(after).toBeLessThan(before);
    expect(stderr).toMatch(/KL 0\.\d{4} → 0\.\d{4} on 10 others/);
    const eval_ = ['eval', 'custom', '--plan', paths.plan, ...data, '--limit', '8', '--weights'];
    expect(await runMainJson<object>(...eval_, paths.model)).toMatchObject({ images: 8 });
    const { status: refused, stderr: why } = await runMain([...eval_, fileURLToPath(modelFolder)]);
    expect([refused, why]).toEqual([1, expect.stringContaining('other weights')]);
    expect(evaluation.slimmed.top1).toBeGreaterThan(60);
  },
);

/** A tiny model of ten classes: quick, and for the images of the embedded one. */
async function tinyOnFashion(folder: string): Promise<string[]> {
  const weights = await writeTinyModel(join(folder, 'tiny.safetensors'), { ...tinyConfig, classes: 10 });
  return ['custom', '--weights', weights, '--data', fileURLToPath(imageFolder)];
}

it('says so when a recovery gains nothing', async () => {
  const folder = await temporaryFolder();
  const out = join(folder, 'out');
  const { status, stderr } = await runMain([
    ...['slim', ...(await tinyOnFashion(folder)), '--out', out, '--images', '24', '--evaluate', '1'],
    ...['--method', 'tome', '--schedule', 'budget:0.8', '--recover', 'finetune:epochs=1,rate=0.1'],
  ]);
  expect(stderr).toMatch(/finetune:.* on 21 images: no gain on 3 others \(KL .*\), weights unchanged/);
  expect(status).toBe(0);
  const { model: made, provenance } = await readPlan(join(out, 'plan.json'));
  const { from, before, after } = findStep(provenance, 'recovered')!;
  expect(made.fingerprint).toBe(from);
  expect(after).toBe(before);
});

it('ward searches counts within a budget on images', async () => {
  const folder = await temporaryFolder();
  const out = join(folder, 'out');
  const weights = await writeTinyModel(join(folder, 'tiny.safetensors'));
  const images = await writeTinyImages(join(folder, 'images'), 12);
  const { status, stderr } = await runMain([
    ...['slim', 'custom', '--weights', weights, '--data', images, '--out', out],
    ...['--method', 'ward', '--schedule', 'search:0.8', '--images', '8'],
  ]);
  expect(status).toBe(0);
  const { provenance } = await readPlan(join(out, 'plan.json'));
  expect(provenance.steps).toMatchObject([{ step: 'searched', images: 4, judges: 4 }]);
  const { candidates } = findStep(provenance, 'searched')!;
  expect(stderr).toMatch(new RegExp(`^${candidates} schedules? tried on 4 images; .* on 4 others`, 'm'));
  expect(provenance.macs.slimmed).toBeLessThanOrEqual(0.8 * provenance.macs.dense);
  expect(await filesIn(join(out, 'progress'))).toEqual([]);
});

it('a time as budget names the backend that auto picks', async () => {
  const folder = await temporaryFolder();
  const weights = await writeTinyModel(join(folder, 'tiny.safetensors'));
  const images = await writeTinyImages(join(folder, 'images'), 4);
  const slim = (schedule: string) =>
    runMain([
      ...['slim', 'custom', '--weights', weights, '--data', images, '--out', join(folder, 'out')],
      ...['--method', 'ward', '--schedule', schedule, '--backend', 'auto'],
    ]);
  const picked = await pickBackend();
  await picked.backend.close();
  const { status, stderr } = await slim(`search:1000ms@${picked.name}`);
  expect(status).toBe(0);
  expect(stderr).toContain(`time per image on ${picked.name}, batch 1: dense `);
  const { provenance } = await readPlan(join(folder, 'out', 'plan.json'));
  expect(provenance.steps).toMatchObject([
    { step: 'timed', backend: picked.name },
    { step: 'searched', images: 1, judges: 1 },
  ]);
  const other = await slim('budget:1000ms@reference');
  expect(other.status).toBe(1);
  expect(other.stderr).toContain(
    `'budget:1000ms@reference' is a time on 'reference', and the model is on '${picked.name}'`,
  );
});

it('auto tries all methods, and says which changes the classes least', async () => {
  const folder = await temporaryFolder();
  const out = join(folder, 'out');
  const { status, stderr } = await runMain([
    ...['slim', ...(await tinyOnFashion(folder)), '--out', out, '--images', '92', '--evaluate', '8'],
    ...['--schedule', 'budget:0.8', '--recover', 'distill:epochs=1,rate=0.0005,learn=norms'],
  ]);
  expect(status).toBe(0);
  const { provenance } = await readPlan(join(out, 'plan.json'));
  const { images, candidates } = findStep(provenance, 'chosen')!;
  expect(images).toBe(40);
  const divergences = candidates.map(({ divergence }) => divergence);
  expect(divergences).toEqual(divergences.toSorted((a, b) => a - b));
  expect(candidates.map(({ method }) => method).toSorted()).toEqual(
    methods.map(({ name }) => name).toSorted(),
  );
  expect(provenance.method).toBe(candidates[0]!.method);
  // Both halves; of the other images twelve choose the epoch.
  expect(findStep(provenance, 'recovered')).toMatchObject({ images: 80, judges: 12 });
  expect(stderr).toMatch(new RegExp(`best method: ${provenance.method} \\(KL .* on 40 images; next: `));
  expect(await readFile(join(out, 'report.html'), 'utf8')).toContain(`best method: ${provenance.method}`);
});

it.each([
  ['--schedule', 'top-down:tolerance=0.01', /: dps needs a schedule whose counts are known beforehand/],
  ['--method', 'dps:score=rollout', /--method: 'dps:score=rollout': dps has no settings/],
  ['--method', 'patch-slimming:attention=slimmed', /--method: patch-slimming has no setting 'attention'/],
  ['--method', 'patch-slimming:keys=some', /--method: unknown value of keys 'some'/],
  ['--recover', 'distill+block', /: 'block' compares rows by their position, and dps .* distill or finetune/],
  ['--schedule', 'budget:12ms@webgpu', /is a time on webgpu, so it needs --backend webgpu, got 'native'/],
  ['--images', '1.5', /--images: expected a whole number of at least 0, got '1.5'/],
])('refuses %s %s, before anything is read', async (option, value, message) => {
  const usual = { '--method': 'dps', '--schedule': 'keep-ratio:0.5@2', [option]: value };
  const args = ['deit-tiny', '--data', 'nowhere', '--out', 'nowhere', ...Object.entries(usual).flat()];
  const { status, stderr } = await runMain(['slim', ...args]);
  expect(status).toBe(2);
  expect(stderr).toMatch(message);
});

const readPlan = async (path: string): Promise<SlimPlan> => parsePlan(await readFile(path, 'utf8'));
