import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { requireRealData } from '@patchslim/testing';
import { sampleByDay } from '@patchslim/testing/by-day';
import { runMain, runMainJson } from './main.js';
import { interrupt, isPosix } from '@patchslim/testing/platform';
import { bundlePatchslim } from './patchslim.js';

const patchslim = bundlePatchslim();

const figure5 = [197, 197, 160, 153, 121, 101, 83, 63, 50, 25, 20, 1];

/** Images of the paper's search, and those that judge a plan. */
const [calibrate, judges] = [48, 200];

/** Methods, and the largest share of the multiply-accumulates. By day the first: the search of the paper takes half a minute. */
const harmless = sampleByDay(2, [
  ['ward', 0.5],
  ['patch-slimming', 0.85],
] as const);

let out: string;
beforeAll(async () => {
  out = await mkdtemp(join(tmpdir(), 'patchslim-test-'));
});
afterAll(() => rm(out, { recursive: true }));

interface Slimmed {
  readonly macs: { dense: number; slimmed: number };
  readonly evaluation: Record<'dense' | 'slimmed', { images: number; top1: number; agreement?: number }>;
  readonly paths: Record<'plan' | 'reportJson' | 'reportHtml', string>;
}

describe('the main job on DeiT-Tiny', () => {
  it(
    'slims, evaluates, draws, exports and times, each with the plan of the first',
    { timeout: 240_000 },
    async (context) => {
      const { weights, images } = requireRealData(context);
      const model = ['deit-tiny', '--weights', weights];
      const calibration = ['--method', 'patch-slimming', '--images', '8', '--evaluate', '16', '--seed', '3'];
      const slim = await runMainJson<Slimmed>(
        'slim',
        ...model,
        ...['--data', images, '--out', out, '--schedule', `counts:${figure5.join(',')}`, ...calibration],
      );
      expect(slim.macs).toEqual({ dense: 1_253_683_200, slimmed: 631_784_448 });
      expect(slim.evaluation.slimmed.images).toBe(16);
      expect(slim.evaluation.dense.top1).toBeGreaterThanOrEqual(50); // of the sample, 79.5 % are right

      const plan = JSON.parse(await readFile(slim.paths.plan, 'utf8')) as {
        blocks: { keep?: number[] }[];
        provenance: { schedule: string; images: { count: number; seed: number } };
      };
      expect(plan.blocks.map(({ keep }) => keep?.length ?? 197)).toEqual(figure5);
      expect(plan.provenance).toMatchObject({
        images: { count: 8, seed: 3 },
        schedule: `counts:${figure5.join(',')}`,
      });
      const report = JSON.parse(await readFile(slim.paths.reportJson, 'utf8')) as {
        macs: { slimmed: number };
      };
      expect(report.macs.slimmed).toBe(631_784_448);
      expect(await readFile(slim.paths.reportHtml, 'utf8')).toMatch(/^<!doctype html>/i);
      expect((await readdir(out)).filter((file) => file.endsWith('.tmp'))).toEqual([]);

      const withPlan = [...model, '--plan', slim.paths.plan];
      const evaluated = await runMainJson<Record<string, number>>(
        'eval',
        ...withPlan,
        '--data',
        images,
        '--limit',
        '20',
      );
      expect(evaluated).toMatchObject({ images: 20, macs: 631_784_448 });
      for (const key of ['top1', 'top5', 'imagesPerSecond', 'decodeMs', 'inferMs'])
        expect(evaluated[key]).toBeGreaterThan(0);
      expect(evaluated['top5']).toBeGreaterThanOrEqual(evaluated['top1']!);

      const counted = await runMainJson<{ macs: number; blocks: { tokensKept: number }[] }>(
        ...(['flops', 'deit-tiny', '--plan', slim.paths.plan] as const),
      );
      expect(counted.macs).toBe(631_784_448);
      expect(counted.blocks.map(({ tokensKept }) => tokensKept)).toEqual(figure5);

      const goldfish = join(images, 'images', 'n01443537_goldfish.JPEG');
      const drawing = join(out, 'goldfish.png');
      const ran = await runMainJson<{ results: { classes: { name: string; probability: number }[] }[] }>(
        ...(['run', ...withPlan, goldfish, '--draw', drawing] as const),
      );
      expect(ran.results[0]!.classes[0]!.name).toContain('goldfish');
      expect((await stat(drawing)).size).toBeGreaterThan(10_000);

      const onnx = join(out, 'slim.onnx');
      const exported = await runMainJson<{ bytes: number; operators: Record<string, number> }>(
        ...(['export', ...withPlan, '--onnx', onnx, '--form', 'portable', '--batch', 'dynamic'] as const),
      );
      expect((await stat(onnx)).size).toBe(exported.bytes);
      expect(Object.keys(exported.operators).filter((name) => /TopK|Scatter/.test(name))).toEqual([]);

      const { results } = await runMainJson<{
        results: { batch: number; speedup: number; macRatio: number }[];
      }>(...(['bench', ...withPlan, '--batch', '1,2', '--runs', '3'] as const));
      expect(results.map(({ batch }) => batch)).toEqual([1, 2]);
      expect(results[0]!.macRatio).toBeCloseTo(631_784_448 / 1_253_683_200, 10);
    },
  );

  it.for(harmless)(
    '%s loses at most two points of top-1 on images held back, nothing learned',
    { timeout: 600_000 },
    async ([method, share], context) => {
      const { weights, images } = requireRealData(context);
      const folder = join(out, method);
      const slim = await runMainJson<Slimmed>(
        'slim',
        'deit-tiny',
        '--weights',
        weights,
        '--data',
        images,
        '--out',
        folder,
        '--method',
        method,
        '--images',
        String(calibrate),
        '--evaluate',
        String(judges),
      );
      const { dense, slimmed } = slim.evaluation;
      expect(slimmed.images).toBe(judges);
      expect(dense.top1 - slimmed.top1).toBeLessThanOrEqual(2);
      expect(slim.macs.slimmed).toBeLessThan(share * slim.macs.dense);
    },
  );

  it.runIf(isPosix)('stops on Ctrl-C with status 130', { timeout: 60_000 }, async (context) => {
    const { weights, images } = requireRealData(context);
    const results = join(out, 'interrupted');
    const args = ['slim', 'deit-tiny', '--weights', weights, '--data', images, '--out', results];
    const { status, stderr } = await patchslim(args, {
      whileRunning: (child) => {
        const whenStarted = setInterval(() => {
          if (!existsSync(results)) return; // the first thing that the command does
          clearInterval(whenStarted);
          interrupt(child);
        }, 50);
      },
    });
    expect(stderr).toContain('interrupted');
    expect(status).toBe(130);
  });

  it('names a plan that is not there', async (context) => {
    const { weights, images } = requireRealData(context);
    const { status, stderr } = await runMain([
      'eval',
      'deit-tiny',
      '--weights',
      weights,
      '--data',
      images,
      '--plan',
      join(out, 'missing.json'),
    ]);
    expect(status).toBe(1);
    expect(stderr).toMatch(/cannot read the plan .*missing\.json: .*\[NOT_FOUND\]/);
  });
});
