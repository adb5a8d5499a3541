/** Environment of a page: threads, a missing or lost GPU, cached downloads. */

import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { startHubServer } from '@patchslim/testing';
import type { Page } from 'playwright';
import { atNight, nightly } from '@patchslim/testing/by-day';
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import type { TestPage } from './page/main.js';
import { imagePaths, openPage, type OpenedPage, type OpenPageOptions } from './test-page.js';

let opened: OpenedPage;
afterEach(() => opened.close());

const openModel = async (options: OpenPageOptions, backends?: readonly string[]) => {
  opened = await openPage(options);
  return opened.page.evaluate(
    ({ model, backends }) =>
      (globalThis as unknown as { test: TestPage }).test.slimmer.open({ model, backends }),
    { model: `${opened.server.url}small/`, backends },
  );
};

/** Workers of workers, which is what threads of WebAssembly are: the files that they load. */
const threadFiles = (): number => opened.server.requests.filter((path) => /ort.*\.m?js$/.test(path)).length;

describe('threads', () => {
  /** The threads of a new worker after each request, or its refusal. */
  const threadsAfter = async (options: OpenPageOptions, ...requests: { threads?: number }[]) => {
    opened = await openPage(options);
    return opened.page.evaluate(
      async ({ model, requests }) => {
        const { test } = globalThis as unknown as { test: TestPage };
        const slimmer = test.createSlimWorker();
        const threads: (number | string)[] = [];
        for (const request of requests) {
          const open = slimmer.open({ model, backends: ['wasm'], ...request });
          threads.push(await open.then(({ threads }) => threads).catch((error: Error) => error.message));
        }
        return threads;
      },
      { model: `${opened.server.url}small/`, requests },
    );
  };

  it('are more than one on an isolated page', async () => {
    const [threads] = await threadsAfter({}, {});
    expect(threads).toBeGreaterThan(1);
    expect(threadFiles()).toBeGreaterThan(0);
  });

  it('are as many as the first request says', async () => {
    const refusal = expect.stringMatching(/already runs with 1, not 2; omit 'threads'/) as unknown;
    const requests = [{ threads: 1 }, {}, { threads: 2 }, {}];
    expect(await threadsAfter({}, ...requests)).toEqual([1, 1, refusal, 1]);
  });

  it('are one on any other', async () => {
    expect(await threadsAfter({ isolated: false }, {})).toEqual([1]);
  });
});

it('files of WebAssembly load from a URL of the page', async () => {
  const runtime = dirname(createRequire(import.meta.url).resolve('onnxruntime-web/wasm'));
  opened = await openPage({ folders: { '/runtime/': `${runtime}/` } });
  const { url, requests } = opened.server;
  const { backend } = await opened.page.evaluate(
    (options) => (globalThis as unknown as { test: TestPage }).test.slimmer.open(options),
    { model: `${url}small/`, backends: ['wasm'], wasmPaths: `${url}runtime/` },
  );
  expect(backend).toBe('wasm');
  expect(requests.filter((path) => path.endsWith('.wasm'))).toEqual(['/runtime/ort-wasm-simd-threaded.wasm']);
});

it('a browser without WebGPU runs in WebAssembly, and the page gets the reason', async () => {
  const { backend, unavailable } = await openModel({ webgpu: false });
  expect(backend).toBe('wasm');
  expect(unavailable).toEqual([
    { name: 'tfjs-webgpu', reason: expect.stringMatching(/no adapter|navigator\.gpu/) as unknown },
  ]);
});

// A software GPU compiles the same shaders three times here, so only at night.
if (nightly) {
  it('a GPU that is lost fails one call; the next opens it again, and devices that are not ours stay open', async () => {
    opened = await openPage();
    const seen = await opened.page.evaluate(
      async ({ model, paths }) => {
        const { test } = globalThis as unknown as { test: TestPage };
        const worker = test.losingWorker();
        const slimmer = test.createSlimWorker({ worker });
        await slimmer.open({ backends: ['tfjs-webgpu'], model });
        const plan = await slimmer.plan({ schedule: 'budget:0.7' });
        const [image] = await test.imageFiles(paths);
        const before = await slimmer.inspect({ image: image!, plan });
        const held = await slimmer.memory();
        const first = await test.tellDevices(worker, 'lose');
        const failure = await test.failure(slimmer.inspect({ image: image!, plan }));
        const after = await slimmer.inspect({ image: image!, plan });
        const heldAfter = await slimmer.memory();
        await slimmer.open({ backends: ['tfjs-webgpu'], model });
        slimmer.close();
        const last = await test.tellDevices(worker, 'count');
        return { before: before.slimmed, failure, after: after.slimmed, held, heldAfter, first, last };
      },
      { model: `${opened.server.url}small/`, paths: await imagePaths(1) },
    );
    expect(seen.failure.code).toBe('DEVICE_LOST');
    expect(seen.after).toEqual(seen.before);
    expect(seen.heldAfter).toEqual(seen.held);
    expect(seen.first).toEqual({ devices: 1, lost: 1 });
    expect(seen.last).toEqual({ devices: 3, lost: 1 }); // the second was closed, and is not lost
  });
}

describe('downloads', () => {
  const open = (page: Page, model: string) =>
    page.evaluate((model) => {
      const { slimmer, failure } = (globalThis as unknown as { test: TestPage }).test;
      const opening = slimmer.open({ backends: ['wasm'], model });
      return opening.then(
        ({ fingerprint, labels }) => ({ fingerprint, labels, failure: undefined }),
        async () => ({ fingerprint: '', labels: [], failure: await failure(opening) }),
      );
    }, model);
  const asked = (): string[] => opened.server.requests.filter((path) => path.startsWith('/model/'));
  const files = ['/model/config.json', '/model/preprocessor_config.json', '/model/model.safetensors'];

  it('are kept: later the server is asked whether they are current, and without a network they serve', async () => {
    opened = await openPage();
    const model = `${opened.server.url}model/`;
    const first = await open(opened.page, model);
    expect(asked()).toEqual(files);
    expect(first.labels).toHaveLength(10);
    expect(await open(opened.page, model)).toEqual(first);
    expect(asked()).toEqual([...files, ...files]);
    await opened.page.context().setOffline(true);
    expect(await open(opened.page, model)).toEqual(first);
    expect(asked()).toHaveLength(6);
  });

  it('of weights alone do not hide the settings beside them', async () => {
    opened = await openPage();
    const model = `${opened.server.url}model/`;
    const alone = await open(opened.page, `${model}model.safetensors`);
    expect(alone.failure?.message).toMatch(/heads/); // config.json tells them
    expect((await open(opened.page, model)).labels).toHaveLength(10);
  });

  // By day vit-models' tests of the hub hold the same rules in Node.
  atNight(
    'of a branch of the hub are those of its commit: weights are not sent again before there is another',
    async () => {
      const hub = await startHubServer();
      onTestFinished(() => hub.close());
      opened = await openPage();
      const read = async (name: string) =>
        new Uint8Array(await (await fetch(`${opened.server.url}model/${name}`)).arrayBuffer());
      const files = {
        'config.json': await read('config.json'),
        'model.safetensors': await read('model.safetensors'),
      };
      hub.publish('owner/name', 'a'.repeat(40), files, 'main');
      const openHub = () =>
        opened.page.evaluate(async (endpoint) => {
          const { slimmer } = (globalThis as unknown as { test: TestPage }).test;
          return (await slimmer.open({ backends: ['wasm'], model: 'owner/name', endpoint })).labels;
        }, hub.hub.origin);
      const first = await openHub();
      expect(first).toHaveLength(10);
      expect(hub.storage.requests.length).toBeGreaterThan(0);
      for (const { requests } of [hub.hub, hub.storage]) requests.length = 0;
      expect(await openHub()).toEqual(first);
      expect(hub.hub.requests.map(({ path }) => path)).toEqual(['/api/models/owner/name/revision/main']);
      await opened.page.context().setOffline(true);
      expect(await openHub()).toEqual(first);
      await opened.page.context().setOffline(false);
      const labelled = JSON.parse(Buffer.from(files['config.json']).toString()) as {
        id2label: Record<string, string>;
      };
      const renamed = JSON.stringify({ ...labelled, id2label: { ...labelled.id2label, 0: 'new' } });
      hub.publish('owner/name', 'b'.repeat(40), { ...files, 'config.json': renamed }, 'main');
      expect((await openHub())?.[0]).toBe('new');
    },
  );

  it('that are not a checkpoint are not cached', async () => {
    opened = await openPage();
    const address = `${opened.server.url}model/config.json`;
    for (const attempt of [1, 2]) {
      const { failure } = await open(opened.page, address);
      expect(failure).toMatchObject({ code: 'CHECKPOINT_INVALID' });
      expect(failure!.message).toMatch(/removed from the cache/);
      expect(asked()).toHaveLength(attempt);
    }
  });
});
