/** The whole pipeline in a tab, on the GPU and in WebAssembly: same results as in Node, without leaks. */

import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { imageFolder, modelFolder } from '@patchslim/fashion-vit';
import { nightly } from '@patchslim/testing/by-day';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTasks, type TaskTable } from '../src/create-tasks.js';
import type { ClassGuess } from '../src/index.js';
import type { Inspection, SlimResult } from '../src/tasks.js';
import type { TestPage } from './page/main.js';
import { imagePaths, openPage, type OpenedPage } from './test-page.js';

let opened: OpenedPage;
let native: TaskTable;
beforeAll(async () => {
  opened = await openPage();
  native = createTasks();
  await native.open({ backends: ['native'], model: fileURLToPath(modelFolder) }, {});
});
afterAll(() => opened.close());

/** The images as `imageFiles` of the page gives them. */
const filesInNode = (paths: readonly string[]): Promise<File[]> =>
  Promise.all(
    paths.map(async (path) => {
      const file = new File([await readFile(new URL(path, imageFolder))], path.split('/').at(-1)!);
      return Object.defineProperty(file, 'webkitRelativePath', { value: `images/${path}` });
    }),
  );

/** Impact scores take a software GPU ten seconds for every image. */
const settings = {
  'tfjs-webgpu': {
    ofEachClass: 1,
    request: { calibrate: 2, method: 'patch-slimming', schedule: 'budget:0.5' },
  },
  wasm: { ofEachClass: 2, request: { calibrate: 8 } }, // the best of all methods
} as const;

/** A software GPU takes two minutes for it: at night. By day the playground's tests show WebGPU in a page. */
const backends = nightly ? (['tfjs-webgpu', 'wasm'] as const) : (['wasm'] as const);

describe.each(backends)('on %s', (backend) => {
  it('opens, slims, evaluates, inspects and measures, with the same plan as in Node', async () => {
    const { ofEachClass, request } = settings[backend];
    const paths = await imagePaths(ofEachClass);
    const { page, server, problems } = opened;
    const here = await page.evaluate(
      async ({ backend, request, model, paths }) => {
        const { slimmer, imageFiles } = (globalThis as unknown as { test: TestPage }).test;
        const files = await imageFiles(paths);
        const model_ = await slimmer.open({ backends: [backend], model });
        const before = await slimmer.memory();
        const slimmed = await slimmer.slim({ files, ...request });
        const { plan } = slimmed;
        const seen = await slimmer.inspect({ image: files[0]!, plan });
        const again = await slimmer.inspect({ image: files[0]!, plan });
        const alone = {
          dense: await slimmer.classify({ image: files[0]! }),
          slimmed: await slimmer.classify({ image: files[0]!, plan, top: 2 }),
          features: [...(await slimmer.embed({ image: files[0]!, plan }))],
          tokens: [...(await slimmer.patchTokens({ image: files[0]!, plan }))[0]!.tokens.data],
        };
        const speed = await slimmer.measure({ plan, batch: 1, runs: 2 });
        const inspection = {
          ...seen,
          crop: [...seen.crop.data],
          scores: seen.scores.map((some) => [...some]),
        };
        const same = JSON.stringify([again.dense, again.kept]) === JSON.stringify([seen.dense, seen.kept]);
        return {
          ...{ opened: model_, slimmed, inspection, alone, same, speed, before },
          after: await slimmer.memory(),
        };
      },
      { backend, request, model: `${server.url}model/`, paths },
    );
    expect(here.opened).toMatchObject({ backend, unavailable: [], config: { depth: 8, imageSize: 28 } });
    expect(here.opened.labels?.[9]).toBe('Ankle boot');
    const files = await filesInNode(paths);
    const there = await native.slim({ files, ...request }, {});
    expectSlimmed(here.slimmed, there);
    const inspection = await native.inspect({ image: files[0]!, plan: there.plan }, {});
    expectInspection(here.inspection, inspection);
    expect(here.same).toBe(true);
    expectNear(here.alone.dense, inspection.dense);
    expectNear(here.alone.slimmed, inspection.slimmed.slice(0, 2));
    const features = await native.embed({ image: files[0]!, plan: there.plan }, {});
    expect(here.alone.features).toEqual(Array.from(features, (value) => expect.closeTo(value, 2) as unknown));
    const [grid] = await native.patchTokens({ image: files[0]!, plan: there.plan }, {});
    const close = Array.from(grid!.tokens.data, (value) => expect.closeTo(value, 1) as unknown);
    expect(here.alone.tokens).toEqual(close);
    const { batch, runs, macRatio } = here.speed;
    expect([batch, runs]).toEqual([1, 2]);
    const { macs } = there.plan.provenance;
    expect(macRatio).toBe(macs.slimmed / macs.dense);
    expect(here.after.liveTensors).toBe(here.before.liveTensors);
    expect(problems).toEqual([]);
  });
});

function expectSlimmed(here: SlimResult, there: SlimResult): void {
  expect(here.plan.model).toEqual(there.plan.model);
  expect(here.plan.blocks).toEqual(there.plan.blocks);
  expect(here.skipped).toEqual([]);
  expect(here.change).toEqual(there.change);
  for (const [a, b] of [[here.dense, there.dense] as const, [here.slimmed, there.slimmed] as const]) {
    const { images, top1, top5, intervals, agreement } = b;
    const figures = { images, top1, top5, intervals, ...(agreement === undefined ? {} : { agreement }) };
    expect(a).toMatchObject(figures);
  }
}

function expectNear(here: readonly ClassGuess[], there: readonly ClassGuess[]): void {
  expect(here).toEqual(
    there.map((guess) => ({ ...guess, probability: expect.closeTo(guess.probability, 3) as unknown })),
  );
}

type Received = Omit<Inspection, 'crop' | 'scores'> & { crop: number[]; scores: number[][] };

function expectInspection(here: Received, there: Inspection): void {
  expect(here.crop).toEqual([...there.crop.data]); // PNG decodes to the same bytes
  expect(here.kept).toEqual(there.kept);
  expectNear(here.dense, there.dense);
  expectNear(here.slimmed, there.slimmed);
  for (const [block, scores] of there.scores.entries()) {
    expect(here.scores[block]).toEqual(Array.from(scores, (score) => expect.closeTo(score, 4) as unknown));
  }
}

const inspected = nightly ? 200 : 30;

describe(`after ${inspected} images a tab holds what it held after 5`, () => {
  // On the GPU a smaller model, since a software one takes seconds for each image of the other; by day it is left out.
  it.each([...(nightly ? [['tfjs-webgpu', 'small/'] as const] : []), ['wasm', 'model/'] as const])(
    'on %s',
    async (backend, model) => {
      const { page, server } = opened;
      const { early, late } = await page.evaluate(
        async ({ backend, model, paths, inspected }) => {
          const { slimmer, imageFiles } = (globalThis as unknown as { test: TestPage }).test;
          await slimmer.open({ backends: [backend], model });
          const plan = await slimmer.plan({ schedule: 'budget:0.7' });
          const files = await imageFiles(paths);
          const inspect = async (from: number, to: number) => {
            for (let i = from; i < to; i++) await slimmer.inspect({ image: files[i % files.length]!, plan });
            return slimmer.memory();
          };
          return { early: await inspect(0, 5), late: await inspect(5, inspected) };
        },
        { backend, model: `${server.url}${model}`, paths: await imagePaths(2), inspected },
      );
      expect(late).toEqual(early);
      expect(early.backend).toBe(backend);
      expect(early.liveTensors).toBeGreaterThan(10);
      if (backend === 'tfjs-webgpu') expect(early.deviceBytes).toBeGreaterThan(100_000);
      else expect(early.deviceBytes).toBeUndefined();
    },
  );
});
