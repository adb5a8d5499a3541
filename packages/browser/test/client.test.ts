/** Page and worker: progress, abort, errors, files, workers that fail. */

import { fileURLToPath } from 'node:url';
import { imageFolder, modelFolder } from '@patchslim/fashion-vit';
import type { ProgressEvent } from '@patchslim/tensor';
import type { Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestPage } from './page/main.js';
import { imagePaths, openPage, type OpenedPage } from './test-page.js';

let opened: OpenedPage;
let page: Page;
let model: string;
let paths: string[];
beforeAll(async () => {
  opened = await openPage();
  page = opened.page;
  model = `${opened.server.url}model/`;
  paths = await imagePaths(1);
});
afterAll(() => opened.close());

it('reports progress that is monotone and complete, before the result', async () => {
  const { open, slim } = await page.evaluate(
    async ({ model, paths }) => {
      const { slimmer, imageFiles } = (globalThis as unknown as { test: TestPage }).test;
      const recorded = async (run: (onProgress: (event: ProgressEvent) => void) => Promise<unknown>) => {
        const events: ProgressEvent[] = [];
        await run((event) => void events.push(event));
        return [...events];
      };
      const open = await recorded((onProgress) =>
        slimmer.open({ backends: ['wasm'], model }, { onProgress }),
      );
      const files = await imageFiles(paths);
      const slim = await recorded((onProgress) => slimmer.slim({ files: files.slice(0, 8) }, { onProgress }));
      return { open, slim };
    },
    { model, paths },
  );
  expect(new Set(open.map(({ stage }) => stage))).toEqual(new Set(['download', 'read']));
  const stages = ['open', 'decode', 'methods', 'measure plans', 'evaluate'];
  expect(new Set(slim.map(({ stage }) => stage))).toEqual(new Set(stages));
  for (const events of [open, slim]) {
    for (const stage of new Set(events.map((event) => event.stage))) {
      const own = events.filter((event) => event.stage === stage);
      const done = own.map((event) => event.done);
      expect(done, stage).toEqual(done.toSorted((a, b) => a - b));
      expect(own.at(-1), stage).toMatchObject({ done: own[0]!.total, total: own[0]!.total });
    }
  }
});

describe('abort', () => {
  it('stops a running task; the next one works', async () => {
    const { running, waiting, seen, next } = await page.evaluate(
      async ({ model, paths }) => {
        const { slimmer, imageFiles, failure } = (globalThis as unknown as { test: TestPage }).test;
        await slimmer.open({ backends: ['wasm'], model });
        const files = await imageFiles(paths);
        const [first, second] = [new AbortController(), new AbortController()];
        const stages: string[] = [];
        const onProgress = ({ stage }: ProgressEvent) => {
          stages.push(stage);
          if (stage !== 'methods') return;
          second.abort();
          first.abort();
        };
        const slimming = failure(slimmer.slim({ files }, { signal: first.signal, onProgress }));
        const queued = failure(slimmer.memory(undefined, { signal: second.signal }));
        const waiting = await queued;
        const running = await slimming;
        const next = await slimmer.slim({ files, method: 'ward' });
        return { running, waiting, seen: stages, next: next.plan.provenance.method };
      },
      { model, paths },
    );
    expect([running.code, waiting.code]).toEqual(['ABORTED', 'ABORTED']);
    expect(waiting.message).toMatch(/before its turn/);
    expect(seen).toContain('methods');
    expect(seen).not.toContain('evaluate');
    expect(next).toBe('ward');
  });

  it('before a call rejects it without the worker', async () => {
    const failure = await page.evaluate(async () => {
      const { slimmer, failure } = (globalThis as unknown as { test: TestPage }).test;
      return failure(slimmer.memory(undefined, { signal: AbortSignal.abort() }));
    });
    expect(failure.code).toBe('ABORTED');
  });
});

describe('errors', () => {
  it('keep code, message and details', async () => {
    const failures = await page.evaluate(
      async ({ model, small, paths }) => {
        const { createSlimWorker, imageFiles, failure } = (globalThis as unknown as { test: TestPage }).test;
        const slimmer = createSlimWorker();
        const files = await imageFiles(paths);
        const unopened = await failure(slimmer.plan({ schedule: 'budget:0.5' }));
        const backend = await failure(slimmer.open({ backends: ['wsam'], model }));
        const absent = await failure(slimmer.open({ model: 'deit-tinny' }));
        const broken = await failure(slimmer.open({ model: new Uint8Array(100) }));
        await slimmer.open({ backends: ['wasm'], model });
        const plan = await slimmer.plan({ schedule: 'budget:0.5' });
        const method = await failure(slimmer.slim({ files, method: 'wrad' }));
        const few = await failure(slimmer.slim({ files: files.slice(0, 1) }));
        const text = await failure(slimmer.inspect({ image: new Blob(['no image']), plan }));
        const unread = await failure(slimmer.open({ model: `${model}none.safetensors` }));
        const stillOpen = await slimmer.memory();
        await slimmer.open({ backends: ['wasm'], model: small });
        const other = await failure(slimmer.inspect({ image: files[0]!, plan }));
        slimmer.close();
        const closed = await failure(slimmer.memory());
        return { unopened, backend, absent, broken, method, few, text, unread, stillOpen, other, closed };
      },
      { model, small: `${opened.server.url}small/model.safetensors`, paths },
    );
    const { stillOpen, ...others } = failures;
    expect(Object.fromEntries(Object.entries(others).map(([name, { code }]) => [name, code]))).toEqual({
      ...{ unopened: 'INVALID_ARGUMENT', backend: 'UNKNOWN_NAME', absent: 'NOT_FOUND' },
      ...{ broken: 'CHECKPOINT_INVALID', method: 'UNKNOWN_NAME', few: 'DATA_INVALID', text: 'DATA_INVALID' },
      ...{ unread: 'NOT_FOUND', other: 'PLAN_MISMATCH', closed: 'DISPOSED' },
    });
    expect(others.method.message).toMatch(/did you mean ward/);
    expect(others.few.message).toMatch(/expected at least 2 images/);
    expect(stillOpen.backend).toBe('wasm');
  });

  it('of a worker that does not start, or crashes, reject waiting and later calls', async () => {
    const { absent, crashed, later } = await page.evaluate(async () => {
      const { createSlimWorker, failure } = (globalThis as unknown as { test: TestPage }).test;
      const { Worker } = globalThis as unknown as { Worker: new (url: string, options?: object) => never };
      const missing = createSlimWorker({ worker: new Worker('/none.js', { type: 'module' }) });
      const absent = await failure(missing.memory());
      const script = new Blob(["addEventListener('message', () => { throw new Error('out of patience') })"]);
      const failing = createSlimWorker({ worker: new Worker(URL.createObjectURL(script)) });
      const both = [failure(failing.memory()), failure(failing.memory())];
      return { absent, crashed: await Promise.all(both), later: await failure(failing.memory()) };
    });
    for (const { code } of [absent, ...crashed, later]) expect(code).toBe('BACKEND_UNAVAILABLE');
    expect(absent.message).toMatch(/did not start/);
    expect(crashed[1]!.message).toMatch(/out of patience/);
  });
});

describe('requests', () => {
  it('accept chosen folders, with sub-folders as classes', async () => {
    await page.setInputFiles('#folder', fileURLToPath(modelFolder));
    const opening = await page.evaluate(async () => {
      const { slimmer, chosenFiles } = (globalThis as unknown as { test: TestPage }).test;
      const { labels, backend } = await slimmer.open({ backends: ['wasm'], model: chosenFiles() });
      return { labels, backend };
    });
    expect(opening.labels).toHaveLength(10);
    await page.setInputFiles('#folder', fileURLToPath(imageFolder));
    const slimmed = await page.evaluate(async () => {
      const { slimmer, chosenFiles } = (globalThis as unknown as { test: TestPage }).test;
      const files = chosenFiles().filter(({ name }) => /^0[12]\.png$/.test(name)); // two of each class
      return slimmer.slim({ files, method: 'ward' });
    });
    expect(slimmed.dense).toMatchObject({ images: 20 }); // such a plan uses no images: all are unseen
    expect(slimmed.dense.top1).toBeGreaterThanOrEqual(70);
    expect(slimmed.plan.provenance).not.toHaveProperty('images');
  });

  it('transfer buffers only on request, and accept the pixels of a canvas', async () => {
    const seen = await page.evaluate(
      async ({ model, paths }) => {
        const { slimmer, imageFiles } = (globalThis as unknown as { test: TestPage }).test;
        const bytes = new Uint8Array(await (await fetch(`${model}model.safetensors`)).arrayBuffer());
        await slimmer.open({ backends: ['wasm'], model: bytes, heads: 2 });
        const copied = bytes.length;
        await slimmer.open({ backends: ['wasm'], model: bytes, heads: 2 }, { transfer: [bytes.buffer] });
        await slimmer.open({ backends: ['wasm'], model });
        const plan = await slimmer.plan({ schedule: 'budget:0.5' });
        const [image] = await imageFiles(paths);
        const fromFile = await slimmer.inspect({ image: image!, plan });
        const { data, width, height } = fromFile.crop;
        const rgba = new Uint8ClampedArray(width * height * 4).map((_, i) => (i % 4 === 3 ? 9 : data[3 * (i >> 2) + (i % 4)]!)); // prettier-ignore
        const fromPixels = await slimmer.inspect({ image: { data: rgba, width, height }, plan });
        return {
          copied,
          left: bytes.length,
          fromFile: fromFile.dense,
          fromPixels: fromPixels.dense,
          kept: rgba.length,
        };
      },
      { model, paths },
    );
    expect(seen.copied).toBeGreaterThan(800_000);
    expect(seen.left).toBe(0);
    expect(seen.kept).toBe(28 * 28 * 4);
    expect(seen.fromPixels).toEqual(seen.fromFile);
  });
});
