/** `slim --method …`: plans that choose the tokens of each image, in every command that takes a plan. */

import { imageFolder, modelFolder } from '@patchslim/fashion-vit';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pickBackend } from '@patchslim/backends';
import { methods } from '@patchslim/slimming';
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
    provenance: { method: string; predictor: { r2: (number | null)[] } };
  };
  expect(plan.blocks.map(({ kind }) => kind)).toEqual(['reduce', 'reduce', 'keep']);
  expect(plan.provenance).toMatchObject({
    method: 'dps',
    predictor: { r2: [expect.any(Number), expect.any(Number), null] },
  });
  expect(await readFile(slim.paths.reportHtml, 'utf8')).toContain('chosen for each image by itself');

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
    ...['--method', method, '--schedule', 'budget:0.74', '--images', '0'],
  );
  const { blocks, provenance } = JSON.parse(await readFile(slim.paths.plan, 'utf8')) as {
    blocks: { kind: string; reducer?: { name: string } }[];
    provenance: { method: string; schedule: string; images: number };
  };
  expect(blocks.map((block) => block.kind)).toEqual(['dense', 'reduce', 'keep']);
  expect(blocks[1]!.reducer!.name).toBe(reducer);
  expect(provenance).toMatchObject({ method, schedule: 'budget:0.74', images: 0 });
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
      ...['--recover', 'distill:epochs=2,rate=0.001,learn=norms', '--images', '80', '--evaluate', '40'],
    ]);
    expect(status).toBe(0);
    const { paths, evaluation } = JSON.parse(stdout) as {
      paths: Record<'plan' | 'model', string>;
      evaluation: { slimmed: { top1: number } };
    };
    const { provenance } = JSON.parse(await readFile(paths.plan, 'utf8')) as {
      provenance: { method: string; recovery: { images: number; heldBack: Record<string, number> } };
    };
    expect(provenance).toMatchObject({
      method: 'ward',
      recovery: {
        spec: 'distill:epochs=2,rate=0.001,learn=norms,features=1',
        images: 70,
        heldBack: { images: 10 },
      },
    });
    const { before, after } = provenance.recovery.heldBack;
    expect(after).toBeLessThan(before!);
    expect(stderr).toContain(
      `on 10 held-back images ${before!.toFixed(4)} nats before, ${after!.toFixed(4)} after`,
    );
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
  expect(stderr).toMatch(/finetune:.*: nothing gained, no epoch was better on 3 held-back images/);
  expect(status).toBe(0);
  const { model: made, provenance } = JSON.parse(await readFile(join(out, 'plan.json'), 'utf8')) as {
    model: { fingerprint: string };
    provenance: { recovery: { dense: string; heldBack: Record<string, number> } };
  };
  expect(made.fingerprint).toBe(provenance.recovery.dense);
  expect(provenance.recovery.heldBack['after']).toBe(provenance.recovery.heldBack['before']);
});

it('ward searches the counts of a budget on images, a time on the backend in use included', async () => {
  const folder = await temporaryFolder();
  const weights = await writeTinyModel(join(folder, 'tiny.safetensors'));
  const images = await writeTinyImages(join(folder, 'images'), 12);
  const slim = async (out: string, schedule: string) => {
    const { status, stderr } = await runMain([
      ...['slim', 'custom', '--weights', weights, '--data', images, '--out', join(folder, out)],
      ...['--method', 'ward', '--schedule', schedule, '--images', '8'],
    ]);
    expect(status).toBe(0);
    const { provenance } = JSON.parse(await readFile(join(folder, out, 'plan.json'), 'utf8')) as {
      provenance: {
        images: number;
        macs: { dense: number; slimmed: number };
        search: { heldBack: number; candidates: number; taken: string };
        latency?: { backend: string };
      };
    };
    expect(provenance).toMatchObject({ images: 4, search: { heldBack: 4 } });
    expect(stderr).toContain(`${provenance.search.candidates} counts looked at; on 4 other images`);
    expect(await filesIn(join(folder, out, 'progress'))).toEqual([]);
    return provenance;
  };
  const share = await slim('share', 'budget:0.8');
  expect(share.macs.slimmed).toBeLessThanOrEqual(0.8 * share.macs.dense);
  expect(share.latency).toBeUndefined();
  expect((await slim('time', 'budget:1000ms@native')).latency).toMatchObject({ backend: 'native' });
});

it('a time as budget names the backend that auto picks', async () => {
  const folder = await temporaryFolder();
  const weights = await writeTinyModel(join(folder, 'tiny.safetensors'));
  const images = await writeTinyImages(join(folder, 'images'), 2);
  const slim = (schedule: string) =>
    runMain([
      ...['slim', 'custom', '--weights', weights, '--data', images, '--out', join(folder, 'out')],
      ...['--method', 'ward', '--schedule', schedule, '--images', '0', '--backend', 'auto'],
    ]);
  const picked = await pickBackend();
  await picked.backend.close();
  const { status } = await slim(`budget:1000ms@${picked.name}`);
  expect(status).toBe(0);
  expect(JSON.parse(await readFile(join(folder, 'out', 'plan.json'), 'utf8'))).toMatchObject({
    provenance: { latency: { backend: picked.name } },
  });
  const other = await slim('budget:1000ms@reference');
  expect(other.status).toBe(2);
  expect(other.stderr).toContain(
    `is a time on reference, so it needs --backend reference, got '${picked.name}'`,
  );
});

it('auto tries all methods and says which changes the classes least', async () => {
  const folder = await temporaryFolder();
  const out = join(folder, 'out');
  const { status, stderr } = await runMain([
    ...['slim', ...(await tinyOnFashion(folder)), '--out', out],
    ...['--schedule', 'budget:0.8', '--images', '92', '--evaluate', '8'],
    ...['--recover', 'distill:epochs=1,rate=0.0005,learn=norms'],
  ]);
  expect(status).toBe(0);
  const { provenance } = JSON.parse(await readFile(join(out, 'plan.json'), 'utf8')) as {
    provenance: {
      method: string;
      candidates: { method: string; divergence: number }[];
      recovery: { images: number };
      search: { heldBack: number; start: { divergence: number }; found: { divergence: number } };
    };
  };
  expect(provenance.search.heldBack).toBe(40);
  expect(provenance.search.start.divergence).toBeCloseTo(provenance.candidates[0]!.divergence, 5);
  const divergences = provenance.candidates.map(({ divergence }) => divergence);
  expect(divergences).toEqual(divergences.toSorted((a, b) => a - b));
  expect(provenance.candidates.map(({ method }) => method).toSorted()).toEqual(
    methods.map(({ name }) => name).toSorted(),
  );
  expect(provenance.method).toBe(provenance.candidates[0]!.method);
  expect(provenance.recovery.images).toBe(80); // both halves; the other twelve judge
  expect(stderr).toContain(
    `${provenance.method}: its classes diverge least from the dense network's on 40 images`,
  );
  expect(stderr).toMatch(/counts looked at; on 40 other images the best has/);
  expect(await readFile(join(out, 'report.html'), 'utf8')).toContain('chosen from');
});

it.each([
  ['--schedule', 'top-down:tolerance=0.01', /--schedule: dps needs one whose counts are known beforehand/],
  ['--estimator', 'rollout', /--estimator: dps knows 'impact' only, got 'rollout'/],
  ['--attention', 'slimmed', /--attention: dps knows 'dense' only/],
  ['--keys', 'all', /--keys: dps knows 'compact' only/],
  [
    '--recover',
    'distill+block',
    /--recover: 'block' is for patch-slimming, .* with dps: distill or finetune/,
  ],
  ['--schedule', 'budget:12ms@webgpu', /is a time on webgpu, so it needs --backend webgpu, got 'native'/],
  ['--images', '0', /--images: expected a whole number of at least 1, got '0'/],
])('refuses %s %s, before anything is read', async (option, value, message) => {
  const schedule = option === '--schedule' ? [] : ['--schedule', 'keep-ratio:0.5@2'];
  const args = [
    'deit-tiny',
    '--data',
    'nowhere',
    '--out',
    'nowhere',
    '--method',
    'dps',
    ...schedule,
    option,
    value,
  ];
  const { status, stderr } = await runMain(['slim', ...args]);
  expect(status).toBe(2);
  expect(stderr).toMatch(message);
});
