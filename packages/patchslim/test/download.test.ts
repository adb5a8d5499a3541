/** Weights from a server that misbehaves: a real server, processes where they are ended, and what stays in the cache. */

import { mkdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { startFileServer, startHubServer, type Fault, type FileServer } from '@patchslim/testing';
import { beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import { runMain, withoutRemarks } from './main.js';
import { bundlePatchslim, type ProcessOptions } from './patchslim.js';
import { temporaryFolder, writeTinyModel } from './tiny-model.js';
import { endNow, interrupt, isPosix } from '@patchslim/testing/platform';
import { filesIn, when } from './watch-files.js';

const patchslim = bundlePatchslim();

let server: FileServer;
let cache: string;
let args: string[];
beforeEach(async () => {
  const folder = await temporaryFolder();
  const body = await readFile(await writeTinyModel(join(folder, 'tiny.safetensors')));
  server = await startFileServer();
  onTestFinished(() => server.close());
  server.files.set('/tiny.safetensors', { body, etag: '"1"' });
  cache = join(folder, 'cache');
  await mkdir(cache);
  vi.stubEnv('XDG_CACHE_HOME', cache);
  onTestFinished(() => void vi.unstubAllEnvs());
  args = ['flops', 'custom', '--weights', `${server.origin}/tiny.safetensors`]; // the quickest that reads weights
});

const run = () => runMain(args);
const runInProcess = (options: ProcessOptions) => patchslim(args, options);

/** Names of the files in the cache: `.incomplete` for one that can be continued. */
const cached = async (): Promise<string[]> =>
  (await filesIn(cache))
    .filter((name) => name.includes('tiny'))
    .map((name) => name.replace(/^.*tiny\.safetensors(\.[0-9a-f]{16})?/, 'tiny'));

/** Whether bytes have arrived: the file is there a moment before its first bytes are, and nothing is nothing to keep. */
const begun = async (): Promise<boolean> => {
  const part = (await filesIn(cache)).find((name) => name.endsWith('.incomplete'));
  return part !== undefined && (await stat(join(cache, part))).size > 0;
};

const expectRecovery = async () => {
  const { status, stderr } = await run();
  expect(withoutRemarks(stderr)).toBe('');
  expect(status).toBe(0);
  expect(await cached()).toEqual(['tiny']);
};

it('goes on over cuts, a wrong length and a busy server', { timeout: 240_000 }, async () => {
  server.faults.push({ kind: 'cut', after: 50_000 }, { kind: 'length', claimed: 10_000_000 });
  server.faults.push({ kind: 'status', status: 429, headers: { 'retry-after': '0' } });
  await expectRecovery();
  expect(server.requests.length).toBe(4);
});

it.each<[string, Fault[], string, RegExp, string[]]>([
  ['is not there', [{ kind: 'status', status: 404 }], 'NOT_FOUND', /HTTP 404/, ['tiny.absent']],
  ['is forbidden', [{ kind: 'status', status: 403 }], 'DOWNLOAD_FAILED', /HTTP 403; .*token/, []],
  [
    'fails always',
    Array<Fault>(5).fill({ kind: 'status', status: 500 }),
    'DOWNLOAD_FAILED',
    /HTTP 500 \(attempt 5 of 5\)/,
    [],
  ],
  [
    'cuts always',
    Array<Fault>(5).fill({ kind: 'cut', after: 1000 }),
    'DOWNLOAD_FAILED',
    /attempt 5 of 5/,
    ['tiny.incomplete'],
  ],
  [
    'is shorter than it should be',
    [{ kind: 'length', claimed: 2000 }],
    'CHECKPOINT_INVALID',
    /removed from the cache/,
    [],
  ],
])('a file that %s ends with status 1, and the next run recovers', async (_, faults, code, message, left) => {
  server.faults.push(...faults);
  const { status, stdout, stderr } = await run();
  expect(stderr).toMatch(message);
  expect(stderr).toContain(`[${code}]`);
  expect(stdout).toBe('');
  expect(status).toBe(1);
  expect(await cached()).toEqual(left);
  await expectRecovery();
});

it('a server that is not there', async () => {
  await server.close();
  const { status, stderr } = await run();
  expect(stderr).toMatch(/ECONNREFUSED.* \(attempt 2 of 2\); .*--weights FILE \[DOWNLOAD_FAILED\]/);
  expect(status).toBe(1);
});

it.runIf(isPosix)(
  'Ctrl-C while a server stalls keeps what came, and the next run goes on there',
  async () => {
    server.faults.push({ kind: 'stall', after: 100_000 });
    const { status, stderr } = await runInProcess({
      whileRunning: (child) => void when(begun, child).then(() => interrupt(child)),
    });
    expect(stderr).toBe('patchslim: interrupted\n');
    expect(status).toBe(130);
    expect(await cached()).toEqual(['tiny.incomplete']);
    await expectRecovery();
  },
);

it('kill -9 in mid-transfer leaves no file that passes for whole', async () => {
  server.faults.push({ kind: 'stall', after: 100_000 });
  await runInProcess({
    whileRunning: (child) => void when(begun, child).then(() => endNow(child)),
  });
  expect(await cached()).toEqual(['tiny.incomplete']);
  await expectRecovery();
});

it('two processes that fetch a repository at once leave one whole copy, also if one is killed', async () => {
  const hub = await startHubServer();
  onTestFinished(() => hub.close());
  const commit = 'c'.repeat(40);
  hub.publish(
    'me/tiny',
    commit,
    { 'model.safetensors': server.files.get('/tiny.safetensors')!.body },
    'main',
  );
  hub.storage.faults.push({ kind: 'stall', after: 100_000 });
  const env = { HF_ENDPOINT: hub.hub.origin, HF_HUB_CACHE: cache };
  const fetchTiny = (options: ProcessOptions = {}) =>
    patchslim(['flops', 'custom', '--weights', 'me/tiny'], { ...options, env });
  let second: ReturnType<typeof fetchTiny> | undefined;
  await fetchTiny({
    whileRunning: (child) =>
      void when(begun, child).then(() => {
        const killFirst = () =>
          void when(() => Promise.resolve(hub.storage.requests.length > 1), child).then(() => endNow(child));
        second = fetchTiny({ whileRunning: killFirst });
      }),
  });
  const { status, stderr } = await second!;
  expect(withoutRemarks(stderr)).toBe('');
  expect(status).toBe(0);
  expect(hub.storage.requests.at(-1)?.range).toMatch(/^bytes=[1-9]/);
  expect((await filesIn(cache)).filter((name) => /incomplete|tmp/.test(name))).toEqual([]);
  expect(await readFile(join(cache, 'models--me--tiny', 'refs', 'main'), 'utf8')).toBe(commit);
});

it('a full disk keeps what came, and the next run goes on there', async () => {
  const { status, stderr } = await runInProcess({ largestFile: 100_000 });
  expect(stderr).toMatch(/tiny.safetensors.*': EFBIG \[IO_FAILED\]/);
  expect(status).toBe(1);
  expect(await cached()).toEqual(['tiny.incomplete']);
  await expectRecovery();
  expect(server.requests.at(-1)?.range).toMatch(/^bytes=[1-9]/);
});
