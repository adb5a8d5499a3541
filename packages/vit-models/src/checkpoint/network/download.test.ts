import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { PatchslimError, type ProgressEvent } from '@patchslim/tensor';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startFileServer, type FileServer } from '@patchslim/testing';
import { addressFiles, addressPath } from './address-files.js';
import { downloadBlob } from './download-blob.js';
import type { DownloadOptions } from './attempts.js';
import { retryAfterMs } from './http-headers.js';
import { downloadFile, versionTag } from './part-file.js';
import { webFiles } from './web-files.js';

const body = Uint8Array.from({ length: 300_000 }, (_, i) => (i * 31) % 251);
const etag = '"v1"';
let server: FileServer;
let folder: string;
let url: URL;

beforeEach(async () => {
  server = await startFileServer();
  server.files.set('/a/model.safetensors', { body, etag });
  url = new URL('/a/model.safetensors', server.origin);
  folder = await mkdtemp(join(tmpdir(), 'patchslim-download-'));
});
afterEach(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

/** Downloads into the cache of addresses, as `fromPretrained` does. */
const fetchFile = (options: DownloadOptions) =>
  downloadFile(
    url,
    async (validator) => {
      const path = `${await addressPath(url, folder)}.${await versionTag(validator)}`;
      return { path, part: `${path}.incomplete` };
    },
    options,
  );

/** Downloads, checks that progress is monotone, and gives the events back with the bytes. */
async function get(options: DownloadOptions = {}) {
  const events: ProgressEvent[] = [];
  const { path } = await fetchFile({ ...options, onProgress: (event) => events.push(event) });
  for (const [i, { done }] of events.entries()) expect(done).toBeGreaterThanOrEqual(events[i - 1]?.done ?? 0);
  return { path, events, bytes: new Uint8Array(await readFile(path)) };
}

/** `toEqual` would take a second. */
function expectBytes(got: Uint8Array, expected: Uint8Array): void {
  expect(Buffer.compare(got, expected)).toBe(0);
}

async function filesInCache(): Promise<string[]> {
  return (await readdir(dirname(await addressPath(url, folder)))).sort();
}

describe('a good server', () => {
  it('gives the file, complete progress, and nothing beside it', async () => {
    const { bytes, events, path } = await get();
    expectBytes(bytes, body);
    expect(events.at(-1)).toEqual({
      stage: 'download',
      done: body.length,
      total: body.length,
      unit: 'bytes',
    });
    expect(await filesInCache()).toEqual([basename(path)]);
  });

  it('is asked again, but sends nothing that is here already', async () => {
    await get();
    const { bytes, events } = await get();
    expectBytes(bytes, body);
    expect(events).toEqual([]);
    expect(server.requests.map(({ range }) => range)).toEqual([undefined, undefined]);
  });

  it('is believed when it has another version, and the one before stays for a day', async () => {
    const before = await get();
    const changed = body.map((byte) => byte ^ 255);
    server.files.set('/a/model.safetensors', { body: changed, etag: '"v2"' });
    const now = await get();
    expectBytes(now.bytes, changed);
    expect(await filesInCache()).toEqual([basename(before.path), basename(now.path)].sort());
  });

  it('may be asked for the same file twice at the same time', async () => {
    const both = await Promise.all([get(), get()]);
    for (const { bytes } of both) expectBytes(bytes, body);
    expect((await filesInCache()).length).toBe(1);
  });

  it('need not send an ETag', async () => {
    server.files.set('/a/model.safetensors', { body });
    expectBytes((await get()).bytes, body);
  });
});

describe('broken transfers', () => {
  it('go on where they stopped', async () => {
    server.faults.push({ kind: 'cut', after: 100_000 }, { kind: 'cut', after: 50_000 });
    expectBytes((await get()).bytes, body);
    expect(server.requests.map((request) => request.range)).toEqual([
      undefined,
      'bytes=100000-',
      'bytes=150000-',
    ]);
  });

  it('start again where the server knows no ranges, without progress that falls', async () => {
    server.ranges = false;
    server.faults.push({ kind: 'cut', after: 200_000 });
    const { bytes, events } = await get();
    expectBytes(bytes, body);
    expect(events.filter(({ done }) => done >= 200_000).length).toBeGreaterThan(1);
  });

  it('start again where nothing identifies the version', async () => {
    server.files.set('/a/model.safetensors', { body });
    server.faults.push({ kind: 'cut', after: 100_000 });
    expectBytes((await get()).bytes, body);
    expect(server.requests.map((request) => request.range)).toEqual([undefined, undefined]);
  });

  it('start again when the file has changed meanwhile', async () => {
    const changed = body.map((byte) => byte ^ 255);
    server.faults.push({ kind: 'cut', after: 100_000 });
    const { bytes } = await get({
      fetch: (input, init) => {
        if (server.requests.length === 1)
          server.files.set('/a/model.safetensors', { body: changed, etag: '"v2"' });
        return fetch(input, init);
      },
    });
    expectBytes(bytes, changed);
    expect((await filesInCache()).length).toBe(1);
  });

  it('remove what was left a day ago, of other versions too, and no other file', async () => {
    const path = await addressPath(url, folder);
    const kept = [
      ...[`${path}.incomplete`, `${path}.mine.incomplete`, `${path}.0123456789abcdef.incomplete.bak`],
      ...[`${path}.absent`, `${path}.0123456789abcdef.incomplete`], // another machine may be writing to the last
    ];
    const old = [`${path}.fedcba9876543210.incomplete`, `${path}.0000000000000000`];
    await mkdir(dirname(path), { recursive: true });
    for (const file of [...kept, ...old]) await writeFile(file, 'some');
    const yesterday = new Date(Date.now() - 25 * 60 * 60 * 1000);
    for (const file of [...kept.slice(0, 4), ...old]) await utimes(file, yesterday, yesterday);
    const fetched = await get();
    expect(await filesInCache()).toEqual([fetched.path, ...kept].map((file) => basename(file)).sort());
  });

  it('go on after a stall', async () => {
    server.faults.push({ kind: 'stall', after: 70_000 });
    expectBytes((await get({ stallMs: 300 })).bytes, body);
    expect(server.requests[1]?.range).toBe('bytes=70000-');
  });

  it('go on where a server claims more bytes than it sends, and end as DOWNLOAD_FAILED if it goes on claiming', async () => {
    const claim = { kind: 'length', claimed: body.length + 10 } as const;
    server.faults.push(claim);
    expectBytes((await get()).bytes, body);
    expect(server.requests.length).toBeGreaterThan(1);

    server.files.set('/a/model.safetensors', { body, etag: '"v2"' });
    await rm((await get()).path);
    server.faults.push(claim, claim);
    await expect(get({ retries: 1 })).rejects.toMatchObject({
      code: 'DOWNLOAD_FAILED',
      message: expect.stringMatching(/attempt 2 of 2/) as string,
    });
  });

  it('that stall every time are given up', async () => {
    server.faults.push({ kind: 'stall', after: 0 }, { kind: 'stall', after: 10 });
    await expect(get({ stallMs: 200, retries: 1 })).rejects.toMatchObject({
      code: 'DOWNLOAD_FAILED',
      message: expect.stringMatching(/no byte came for too long/) as string,
    });
  });

  it('are not continued for ever where the server never agrees with itself on the version', async () => {
    for (const version of ['"v1"', '"v2"']) {
      server.files.set('/a/model.safetensors', { body, etag: version });
      server.faults.push({ kind: 'cut', after: 100_000 });
      await expect(get({ retries: 0 })).rejects.toMatchObject({ code: 'DOWNLOAD_FAILED' });
    }
    const { bytes } = await get({
      fetch: (input, init) => {
        const etag = server.requests.length % 2 === 0 ? '"v1"' : '"v2"';
        server.files.set('/a/model.safetensors', { body, etag });
        return fetch(input, init);
      },
    });
    expectBytes(bytes, body);
    expect(server.requests.length).toBeLessThan(6);
  });

  it('are given up after the retries, and continued by a later call', async () => {
    server.faults.push({ kind: 'cut', after: 100_000 }, { kind: 'cut', after: 0 });
    await expect(get({ retries: 1 })).rejects.toMatchObject({ code: 'DOWNLOAD_FAILED' });
    expect((await filesInCache()).map((name) => name.split('.').pop())).toEqual(['incomplete']);
    const before = server.requests.length;
    expectBytes((await get()).bytes, body);
    expect(server.requests.slice(before).map((request) => request.range)).toEqual([
      undefined,
      'bytes=100000-',
    ]);
    expect((await filesInCache()).length).toBe(1);
  });

  it('leave nothing behind that could not be continued', async () => {
    server.files.set('/a/model.safetensors', { body });
    server.faults.push({ kind: 'cut', after: 100_000 });
    await expect(get({ retries: 0 })).rejects.toMatchObject({ code: 'DOWNLOAD_FAILED' });
    expect(await filesInCache()).toEqual([]);
  });

  it('end with ABORTED when the caller aborts, and keep the part', async () => {
    server.faults.push({ kind: 'stall', after: 100_000 });
    const controller = new AbortController();
    const aborted = fetchFile({
      signal: controller.signal,
      onProgress: ({ done }) => done === 100_000 && controller.abort(),
    });
    await expect(aborted).rejects.toMatchObject({ code: 'ABORTED' });
    expectBytes((await get()).bytes, body);
    expect(server.requests.at(-1)?.range).toBe('bytes=100000-');
  });

  it('are not retried while waiting for an aborted caller', async () => {
    server.faults.push({ kind: 'status', status: 503, headers: { 'retry-after': '30' } });
    const signal = AbortSignal.timeout(200);
    await expect(get({ signal })).rejects.toMatchObject({ code: 'ABORTED' });
    expect(server.requests.length).toBe(1);
  });
});

describe('answers other than the file', () => {
  it.each([404, 410])('%i is NOT_FOUND at once', async (status) => {
    server.faults.push({ kind: 'status', status });
    await expect(get()).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(server.requests.length).toBe(1);
  });

  it.each([401, 403, 400])('%i is DOWNLOAD_FAILED at once', async (status) => {
    server.faults.push({ kind: 'status', status });
    await expect(get()).rejects.toMatchObject({ code: 'DOWNLOAD_FAILED', details: { status } });
    expect(server.requests.length).toBe(1);
  });

  it('500 and 429 are retried, 429 after the time it asks for', async () => {
    server.faults.push({ kind: 'status', status: 500 });
    server.faults.push({ kind: 'status', status: 429, headers: { 'retry-after': '1' } });
    const start = performance.now();
    expectBytes((await get()).bytes, body);
    expect(performance.now() - start).toBeGreaterThan(1000);
    expect(server.requests.length).toBe(3);
  });

  it('a server that is not there is DOWNLOAD_FAILED with the reason, without the query', async () => {
    await server.close();
    url.search = '?signature=secret';
    const error: unknown = await get().catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'DOWNLOAD_FAILED' });
    expect(String(error)).toMatch(/ECONNREFUSED.*attempt 2 of 2/); // not five
    expect(JSON.stringify(error) + String(error)).not.toContain('secret');
  });

  it('a name that does not resolve is given up after the second attempt, and after fewer on request', async () => {
    url = new URL('http://nowhere.invalid/a/model.safetensors');
    await expect(get()).rejects.toThrow(/nowhere\.invalid.*\(attempt 2 of 2\)/);
    await expect(get({ retries: 0 })).rejects.toThrow(/\(attempt 1 of 1\)/);
  });

  it('a server that goes away in mid-transfer is DOWNLOAD_FAILED, with the attempts that were made', async () => {
    server.faults.push({ kind: 'cut', after: 100_000 }, { kind: 'cut', after: 100_000 });
    const failing = get({
      fetch: async (input, init) => {
        if (server.requests.length === 2) await server.close();
        return fetch(input, init);
      },
    });
    await expect(failing).rejects.toThrow(/ECONNREFUSED.*\(attempt 3 of 3\)/);
  });
});

describe('files of addresses', () => {
  const kept = async () => (await addressFiles(folder)).kept(url);
  const fetchKept = async () => (await addressFiles(folder)).fetch(url, { retries: 0 });

  it('are unknown until the server was asked, then here, then absent, as it says', async () => {
    expect(await kept()).toBe('unknown');
    server.files.delete('/a/model.safetensors');
    expect(await fetchKept()).toBe('absent');
    expect(await kept()).toBe('absent');
    server.files.set('/a/model.safetensors', { body: Buffer.from('{"a":1}'), etag });
    const here = await fetchKept();
    expect(here).toMatchObject({ json: expect.any(Function) as unknown });
    const found = await kept();
    expect(typeof found === 'object' && (await found.json())?.text).toBe('{"a":1}');
  });

  it('are asked for by HEAD once they are here, by GET where the server refuses that', async () => {
    for (let i = 0; i < 2; i++) await fetchKept();
    server.faults.push({ kind: 'status', status: 403 });
    await fetchKept();
    expect(server.requests.map(({ method }) => method)).toEqual(['GET', 'HEAD', 'HEAD', 'GET']);
  });

  it('are not taken for absent because something else is', async () => {
    server.faults.push({ kind: 'status', status: 404 }, { kind: 'status', status: 404 });
    const explain = () => new PatchslimError('NOT_FOUND', 'no such repository');
    for (const files of [await addressFiles(folder), await webFiles()]) {
      await expect(files.fetch(url, { explain })).rejects.toThrow('no such repository');
    }
    expect(await kept()).toBe('unknown');
  });

  it('are those of the version that was seen last, also if it is an older one', async () => {
    for (const version of ['1', '2', '1']) {
      server.files.set('/a/model.safetensors', { body: Buffer.from(version), etag: `"${version}"` });
      await fetchKept();
    }
    const found = await kept();
    expect(typeof found === 'object' && (await found.json())?.text).toBe('1');
  });
});

it('an error of the progress callback is the caller’s, not the network’s', async () => {
  const onProgress = () => {
    throw new RangeError('mine');
  };
  await expect(fetchFile({ onProgress })).rejects.toThrow(RangeError);
  expect(server.requests.length).toBe(1);
});

it('downloadBlob collects the same bytes in memory, over cuts', async () => {
  server.faults.push({ kind: 'cut', after: 100_000 });
  expectBytes(new Uint8Array(await (await downloadBlob(url, {})).blob.arrayBuffer()), body);
  expect(server.requests[1]?.range).toBe('bytes=100000-');
});

it('addressPath keeps hosts, paths and queries apart, inside the folder', async () => {
  const paths = await Promise.all(
    [
      'http://h/a/b',
      'http://h:81/a/b',
      'http://h/a%2Fb',
      'http://h/a/b?x=1',
      'http://h/a/b?x=2',
      'http://h/../../b',
    ].map((address) => addressPath(new URL(address), '/c')),
  );
  expect(new Set(paths).size).toBe(paths.length);
  for (const path of paths) expect(path).toMatch(/^\/c\/h[^:?*]*$/);
});

it('retryAfterMs reads seconds and dates', () => {
  expect(retryAfterMs('2')).toBe(2000);
  expect(retryAfterMs('99999')).toBe(60_000);
  expect(retryAfterMs(new Date(0).toUTCString())).toBe(0);
  expect(retryAfterMs(new Date(Date.now() + 20_000).toUTCString())).toBeGreaterThan(15_000);
  expect(retryAfterMs('soon')).toBeUndefined();
});
