import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ProgressEvent } from '@patchslim/tensor';
import { startFileServer, type FileServer } from '@patchslim/testing';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { makeFolder } from '../test/folder.js';
import { downloadFile } from './download-file.js';

const body = Uint8Array.from({ length: 300_000 }, (_, i) => (i * 31) % 251);
const md5 = createHash('md5').update(body).digest('hex');
let server: FileServer;
let url: URL;

beforeEach(async () => {
  server = await startFileServer();
  server.files.set('/sets/a.gz', { body });
  url = new URL('/sets/a.gz?signature=secret', server.origin);
});
afterEach(() => server.close());

it('gives the file, with progress that ends at its size, and leaves nothing beside it', async () => {
  const folder = await makeFolder();
  const events: ProgressEvent[] = [];
  const onProgress = (event: ProgressEvent) => events.push(event);
  await downloadFile(url, join(folder, 'a.gz'), { md5, most: body.length, onProgress });
  expect(Buffer.compare(await readFile(join(folder, 'a.gz')), body)).toBe(0);
  expect(await readdir(folder)).toEqual(['a.gz']);
  const counts = events.map(({ done }) => done);
  expect(counts).toEqual([...counts].sort((a, b) => a - b));
  const total = body.length;
  expect(events.at(-1)).toEqual({ stage: 'download a.gz', done: total, total, unit: 'bytes' });
});

it('goes on over a cut and a busy server', async () => {
  server.faults.push({ kind: 'cut', after: 100_000 }, { kind: 'status', status: 503 });
  const folder = await makeFolder();
  await downloadFile(url, join(folder, 'a.gz'), { md5, most: body.length });
  expect(Buffer.compare(await readFile(join(folder, 'a.gz')), body)).toBe(0);
  expect(server.requests.length).toBe(3);
});

/** What the download is refused with, which leaves the file in its place as it was. */
async function refusal(options: Partial<Parameters<typeof downloadFile>[2]> = {}): Promise<Error> {
  const folder = await makeFolder({ 'a.gz': 'old' });
  const error: unknown = await downloadFile(url, join(folder, 'a.gz'), {
    md5,
    most: 1e6,
    retries: 0,
    ...options,
  }).catch((reason: unknown) => reason);
  expect(await readFile(join(folder, 'a.gz'), 'utf8')).toBe('old');
  expect(await readdir(folder)).toEqual(['a.gz']);
  expect(error).toBeInstanceOf(Error);
  expect(String(error) + JSON.stringify(error)).not.toContain('secret');
  return error as Error;
}

it('refuses a file with another checksum, naming file, expected and found', async () => {
  const other = 'f68b3c2dcbeaaa9fbdd348bbdeb94873';
  expect(await refusal({ md5: other })).toMatchObject({
    code: 'DATA_INVALID',
    message: expect.stringContaining(
      `'${server.origin}/sets/a.gz': expected MD5 ${other}, got ${md5}`,
    ) as string,
    details: { expected: other, found: md5 },
  });
});

it('refuses a file that is cut off on the way, or shorter than the server says', async () => {
  server.faults.push({ kind: 'cut', after: 100_000 });
  expect(await refusal()).toMatchObject({ code: 'DOWNLOAD_FAILED' });
  server.faults.push({ kind: 'length', claimed: body.length + 10 });
  expect(await refusal()).toMatchObject({ code: 'DOWNLOAD_FAILED' });
});

it('gives up where no byte comes any more', async () => {
  server.faults.push({ kind: 'stall', after: 1000 });
  const error = await refusal({ stallMs: 200 });
  expect(error).toMatchObject({ code: 'DOWNLOAD_FAILED' });
  expect(error.message).toContain('no byte came for too long');
});

it('stops at a file that is larger than allowed', async () => {
  expect(await refusal({ most: 1000 })).toMatchObject({
    code: 'DATA_INVALID',
    message: expect.stringContaining('expected at most 1000 bytes') as string,
  });
});

it('ends with ABORTED when the caller aborts, before and during the transfer', async () => {
  expect(await refusal({ signal: AbortSignal.abort() })).toMatchObject({ code: 'ABORTED' });
  expect(server.requests).toEqual([]);
  server.faults.push({ kind: 'stall', after: 1000 });
  const controller = new AbortController();
  const onProgress = () => controller.abort();
  expect(await refusal({ signal: controller.signal, onProgress })).toMatchObject({ code: 'ABORTED' });
});

it.each([
  [404, 'NOT_FOUND'],
  [410, 'NOT_FOUND'],
  [403, 'DOWNLOAD_FAILED'],
  [500, 'DOWNLOAD_FAILED'],
])('answers HTTP %i with %s', async (status, code) => {
  server.faults.push({ kind: 'status', status });
  const error = await refusal();
  expect(error).toMatchObject({ code });
  expect(error.message).toContain(`HTTP ${status}`);
});

it('says why a server cannot be reached', async () => {
  await server.close();
  const error = await refusal();
  expect(error).toMatchObject({ code: 'DOWNLOAD_FAILED' });
  expect(error.message).toContain('ECONNREFUSED');
});

it('passes an error of the progress callback on', async () => {
  const onProgress = () => {
    throw new RangeError('mine');
  };
  expect(await refusal({ onProgress })).toBeInstanceOf(RangeError);
});

it('is IO_FAILED where the folder is none', async () => {
  const folder = await makeFolder({ file: '' });
  await expect(downloadFile(url, join(folder, 'file', 'a.gz'), { md5, most: 1e6 })).rejects.toMatchObject({
    code: 'IO_FAILED',
  });
});
