/** Small sets in small: files of their formats and names, with few images. */

import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { ProgressEvent } from '@patchslim/tensor';
import { startFileServer, type Fault } from '@patchslim/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { makeFolder } from '../test/folder.js';
import { makeTar } from '../test/tar.js';
import { formatIdx } from './idx.js';
import { openSet, openSmallSet } from './open-small-set.js';
import { smallSets, type OfficialFile, type SmallSet, type Split } from './small-sets.js';

const bytes = (length: number, seed: number) => Uint8Array.from({ length }, (_, i) => (i * seed) % 256);

const pixels = bytes(3 * 784, 7);
const labels = Uint8Array.of(9, 0, 4);
const idx = {
  'train-images-idx3-ubyte': formatIdx([3, 28, 28], pixels),
  'train-labels-idx1-ubyte': formatIdx([3], labels),
};
const packedIdx = {
  'train-images-idx3-ubyte.gz': gzipSync(idx['train-images-idx3-ubyte']),
  'train-labels-idx1-ubyte.gz': gzipSync(idx['train-labels-idx1-ubyte']),
};
const mnist = { name: 'mnist/train', channels: 1, size: 28, pixels, labels };

const record = (label: number) => Uint8Array.of(label, ...bytes(3072, label + 3));
const batches = Object.fromEntries([1, 2, 3, 4, 5].map((i) => [`data_batch_${i}.bin`, record(i)]));
const cifar = {
  name: 'cifar-10/train',
  channels: 3,
  size: 32,
  pixels: Uint8Array.from([1, 2, 3, 4, 5].flatMap((i) => [...bytes(3072, i + 3)])),
  labels: Uint8Array.of(1, 2, 3, 4, 5),
};
const inFolder = (files: Readonly<Record<string, Uint8Array>>) =>
  Object.entries(files).map(([name, contents]) => [`cifar-10-batches-bin/${name}`, contents] as const);
const archive = gzipSync(makeTar(inFolder(batches)));

describe('files in a folder', () => {
  it('are read as IDX, unpacked, or compressed where asked not to be verified', async () => {
    expect(await openSmallSet('mnist', 'train', { folder: await makeFolder(idx) })).toMatchObject(mnist);
    const packed = await makeFolder(packedIdx);
    const set = await openSmallSet('mnist', 'train', { folder: packed, verify: false });
    expect(set).toMatchObject(mnist);
    expect(set.classNames).toHaveLength(10);
  });

  it('are read as CIFAR-10: batches here or in their own folder, or the archive', async () => {
    for (const files of [
      batches,
      Object.fromEntries(inFolder(batches)),
      { 'cifar-10-binary.tar.gz': archive },
    ]) {
      const set = await openSmallSet('cifar-10', 'train', { folder: await makeFolder(files), verify: false });
      expect(set).toMatchObject({ ...cifar, pixels: expect.any(Uint8Array) as Uint8Array });
      expect(Buffer.compare(set.pixels, cifar.pixels)).toBe(0);
    }
  });

  it('are not mixed: unpacked ones count when all are there', async () => {
    const files = { ...packedIdx, 'train-images-idx3-ubyte': formatIdx([1, 28, 28], bytes(784, 1)) };
    const set = await openSmallSet('mnist', 'train', { folder: await makeFolder(files), verify: false });
    expect(set.labels).toEqual(labels);
  });

  it('are counted in progress', async () => {
    const events: ProgressEvent[] = [];
    const onProgress = (event: ProgressEvent) => events.push(event);
    await openSmallSet('mnist', 'train', { folder: await makeFolder(idx), onProgress });
    expect(events).toEqual([{ stage: 'open', done: 3, total: 3, unit: 'images' }]);
  });

  it('must have the official checksum when they are compressed', async () => {
    const folder = await makeFolder(packedIdx);
    const found = createHash('md5').update(packedIdx['train-images-idx3-ubyte.gz']).digest('hex');
    await expect(openSmallSet('mnist', 'train', { folder })).rejects.toMatchObject({
      code: 'DATA_INVALID',
      message: expect.stringContaining(
        `train-images-idx3-ubyte.gz': expected MD5 f68b3c2dcbeaaa9fbdd348bbdeb94873, got ${found}`,
      ) as string,
    });
    expect((await readdir(folder)).length).toBe(2); // they are the user's, and stay
  });

  it.each<[string, Record<string, Uint8Array>, RegExp]>([
    [
      'images of another size',
      { 'train-images-idx3-ubyte': formatIdx([3, 28, 27], bytes(3 * 28 * 27, 1)) },
      /images-idx3-ubyte': expected images \[n, 28, 28\], got \[3, 28, 27\]/,
    ],
    [
      'a label too few',
      { 'train-labels-idx1-ubyte': formatIdx([2], Uint8Array.of(1, 2)) },
      /labels-idx1-ubyte': expected 3 labels, as there are images, got \[2\]/,
    ],
    [
      'a label that is no class',
      { 'train-labels-idx1-ubyte': formatIdx([3], Uint8Array.of(1, 2, 10)) },
      /labels-idx1-ubyte': expected labels from 0 to 9, got 10 \(image 2\)/,
    ],
    [
      'a file that is cut off',
      { 'train-images-idx3-ubyte': idx['train-images-idx3-ubyte'].subarray(0, 100) },
      /images-idx3-ubyte': expected 2368 bytes/,
    ],
  ])('are refused with %s', async (_, files, message) => {
    const folder = await makeFolder({ ...idx, ...files });
    await expect(openSmallSet('mnist', 'train', { folder })).rejects.toMatchObject({
      code: 'DATA_INVALID',
      message: expect.stringMatching(message) as string,
    });
  });

  it('are refused when the archive lacks one of them', async () => {
    const part = gzipSync(makeTar(inFolder({ 'data_batch_1.bin': record(1) })));
    const folder = await makeFolder({ 'cifar-10-binary.tar.gz': part });
    await expect(openSmallSet('cifar-10', 'train', { folder, verify: false })).rejects.toMatchObject({
      code: 'DATA_INVALID',
      message: expect.stringMatching(
        /expected a file cifar-10-batches-bin\/data_batch_2\.bin .* 1 files/,
      ) as string,
    });
  });

  it('are named when they are missing, with how to get them', async () => {
    const folder = await makeFolder({ 'train-images-idx3-ubyte': idx['train-images-idx3-ubyte'] });
    const error: unknown = await openSmallSet('mnist', 'train', { folder }).catch((e: unknown) => e);
    expect(error).toMatchObject({ code: 'NOT_FOUND', details: { folder } });
    for (const part of [folder, 'train-labels-idx1-ubyte.gz', 'download: true', smallSets[0]!.address]) {
      expect(String(error)).toContain(part);
    }
    await expect(openSmallSet('cifar-10', 'test', { folder: 'no/such' })).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: expect.stringMatching(
        /test images of cifar-10.*cifar-10-binary\.tar\.gz.*test_batch\.bin/,
      ) as string,
    });
  });

  it('that cannot be read are IO_FAILED', async () => {
    const folder = await makeFolder();
    for (const name of Object.keys(idx)) await mkdir(join(folder, name));
    await expect(openSmallSet('mnist', 'train', { folder })).rejects.toMatchObject({ code: 'IO_FAILED' });
  });
});

describe('downloads', () => {
  const md5Of = (contents: Uint8Array) => createHash('md5').update(contents).digest('hex');

  /** A server with these files, and the set that is published there, with checksums that fit. */
  async function published(name: string, files: Readonly<Record<string, Uint8Array>>) {
    const server = await startFileServer();
    onTestFinished(() => server.close());
    for (const [file, body] of Object.entries(files)) server.files.set(`/${name}/${file}`, { body });
    const set = smallSets.find((entry) => entry.name === name)!;
    const official: OfficialFile[] = Object.entries(files).map(([file, body]) => ({
      name: file,
      md5: md5Of(body),
    }));
    const address = `${server.origin}/${name}/`;
    const train = { ...set.files.train, official };
    const own: SmallSet = { ...set, address, files: { ...set.files, train } };
    return { server, set: own, address };
  }

  it('put the compressed files into the folder, where later calls find them', async () => {
    const { server, set } = await published('mnist', packedIdx);
    const folder = join(await makeFolder(), 'new', 'folder');
    const events: ProgressEvent[] = [];
    const onProgress = (event: ProgressEvent) => events.push(event);
    expect(await openSet(set, 'train', { folder, download: true, onProgress })).toMatchObject(mnist);
    expect(await readdir(folder)).toEqual(Object.keys(packedIdx));
    const ends = events.filter(({ done, total }) => done === total).map(({ stage }) => stage);
    expect(new Set(ends)).toEqual(
      new Set([...Object.keys(packedIdx).map((file) => `download ${file}`), 'open']),
    );
    expect(await openSet(set, 'train', { folder, download: true })).toMatchObject(mnist);
    expect(await openSet(set, 'train', { folder })).toMatchObject(mnist);
    expect(server.requests.map(({ path }) => path)).toEqual(
      Object.keys(packedIdx).map((file) => `/mnist/${file}`),
    );
  });

  it('fetch only what is missing, and the archive of CIFAR-10 from another address', async () => {
    const { server, set } = await published('mnist', packedIdx);
    const [first] = Object.entries(packedIdx);
    const folder = await makeFolder({ [first![0]]: first![1] });
    expect(await openSet(set, 'train', { folder, download: true })).toMatchObject(mnist);
    expect(server.requests.map(({ path }) => path)).toEqual(['/mnist/train-labels-idx1-ubyte.gz']);

    const other = await published('cifar-10', { 'cifar-10-binary.tar.gz': archive });
    const from = other.address.slice(0, -1); // the slash at the end may be left out
    const registered = { ...other.set, address: smallSets[2]!.address };
    const images = await openSet(registered, 'train', { folder: await makeFolder(), download: { from } });
    expect(images.labels).toEqual(cifar.labels);
  });

  it('are refused and not kept with another checksum', async () => {
    const { address } = await published('mnist', packedIdx);
    const folder = await makeFolder();
    await expect(
      openSmallSet('mnist', 'train', { folder, download: { from: address } }),
    ).rejects.toMatchObject({
      code: 'DATA_INVALID',
      details: { expected: 'f68b3c2dcbeaaa9fbdd348bbdeb94873' },
    });
    expect(await readdir(folder)).toEqual([]);
  });

  it('keep what was complete before an abort or a cut', async () => {
    const { server, set } = await published('mnist', packedIdx);
    const folder = await makeFolder();
    const controller = new AbortController();
    const aborted = openSet(set, 'train', {
      folder,
      download: true,
      signal: controller.signal,
      onProgress: ({ stage }) => stage.includes('labels') && controller.abort(),
    });
    await expect(aborted).rejects.toMatchObject({ code: 'ABORTED' });
    expect(await readdir(folder)).toEqual(['train-images-idx3-ubyte.gz']);
    server.faults.push(...Array<Fault>(5).fill({ kind: 'cut', after: 5 })); // as many as there are attempts
    await expect(openSet(set, 'train', { folder, download: true })).rejects.toMatchObject({
      code: 'DOWNLOAD_FAILED',
    });
    expect(await openSet(set, 'train', { folder, download: true })).toMatchObject(mnist);
  });

  it('are IO_FAILED where the folder cannot be made', async () => {
    const { set } = await published('mnist', packedIdx);
    const folder = join(await makeFolder({ file: '' }), 'file', 'folder');
    await expect(openSet(set, 'train', { folder, download: true })).rejects.toMatchObject({
      code: 'IO_FAILED',
    });
  });
});

it('names and splits are checked, and an aborted caller gets nothing', async () => {
  const folder = await makeFolder(idx);
  await expect(openSmallSet('fashion', 'train', { folder })).rejects.toMatchObject({ code: 'UNKNOWN_NAME' });
  await expect(openSmallSet('mnist', 'toString' as Split, { folder })).rejects.toMatchObject({
    code: 'INVALID_ARGUMENT',
  });
  await expect(openSmallSet('mnist', 'train', { folder, signal: AbortSignal.abort() })).rejects.toMatchObject(
    { code: 'ABORTED' },
  );
  await writeFile(join(folder, 'train-labels-idx1-ubyte'), '');
  await expect(openSmallSet('mnist', 'train', { folder })).rejects.toMatchObject({ code: 'DATA_INVALID' });
  expect((await readFile(join(folder, 'train-images-idx3-ubyte'))).length).toBe(16 + 3 * 784);
});

it('the registry names ten classes each, and files with checksums', () => {
  for (const { classNames, address, files } of smallSets) {
    expect(new Set(classNames).size).toBe(10);
    expect(address).toMatch(/^https?:\/\/.*\/$/);
    for (const { official, unpacked } of [files.train, files.test]) {
      expect(unpacked.length).toBeGreaterThan(0);
      for (const { name, md5 } of official) {
        expect(name).toMatch(/\.gz$/);
        expect(md5).toMatch(/^[0-9a-f]{32}$/);
      }
    }
  }
});
