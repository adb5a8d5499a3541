/** The three layouts, on real folders. */

import { symlink, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import type { ProgressEvent } from '@patchslim/tensor';
import { describe, expect, it } from 'vitest';
import { requireRealData } from '@patchslim/testing';
import { makeFolder } from '../test/folder.js';
import { openImageFolder } from './image-folder.js';

const ids = ({ examples }: { examples: readonly { id: string }[] }) => examples.map(({ id }) => id);

describe('a folder with labels.csv', () => {
  it('takes the images and labels that it names, sorted', async () => {
    const dir = await makeFolder({
      'labels.csv': 'class_index, file ,note\n7,images/b.jpg,"a, ""b"""\n 0 ,./a,\n3,"images\\c.png",x\n',
      'images/b.jpg': '',
      a: '',
      'images/c.png': '',
      'images/unnamed.jpg': '',
    });
    const folder = await openImageFolder(dir);
    expect(folder).toEqual({
      dir,
      labelled: true,
      examples: [
        { id: 'a', label: 0, line: 3, source: join(dir, 'a') },
        { id: 'images/b.jpg', label: 7, line: 2, source: join(dir, 'images', 'b.jpg') },
        { id: 'images/c.png', label: 3, line: 4, source: join(dir, 'images', 'c.png') },
      ],
    });
  });

  it.each([
    ['an empty file', '', /labels\.csv:1: .*empty/],
    ['no rows', 'file,class_index\n', /no rows/],
    ['no such column', 'file,label\na.jpg,1\n', /labels\.csv:1: .*class_index, got file,label/],
    ['a missing file', 'file,class_index\na.jpg,1\n\nno.jpg,2\n', /labels\.csv:4: 'no\.jpg' is not a file/],
    ['a folder for a file', 'file,class_index\nsub,1\n', /labels\.csv:2: 'sub' is not a file/],
    ['a negative label', 'file,class_index\na.jpg,-1\n', /labels\.csv:2: .*got '-1'/],
    ['a fraction', 'file,class_index\na.jpg,1.0\n', /labels\.csv:2: .*got '1\.0'/],
    ['a name that no file can have', 'file,class_index\na\0.jpg,1\n', /labels\.csv:2: .*is not a file/],
    ['a quote that never ends', 'file,class_index\n"a.jpg,1\n', /labels\.csv:2: .*never closed/],
    ['a label in words', 'file,class_index\na.jpg,cat\n', /labels\.csv:2: .*got 'cat'/],
    ['a label beyond int32', 'file,class_index\na.jpg,2147483648\n', /labels\.csv:2: .*2147483647/],
    ['no label', 'file,class_index\na.jpg,\n', /labels\.csv:2: .*got ''/],
    [
      'a short row',
      'file,class_index,x\na.jpg,1\n',
      /labels\.csv:2: expected 3 fields as in the header, got 2/,
    ],
    ['a repeated file', 'file,class_index\na.jpg,1\n./a.jpg,1\n', /labels\.csv:3: .*line 2/],
    ['an empty name', 'file,class_index\n,1\n', /labels\.csv:2: .*empty/],
  ])('refuses %s', async (_, csv, message) => {
    const dir = await makeFolder({ 'labels.csv': csv, 'a.jpg': '', 'sub/b.jpg': '' });
    await expect(openImageFolder(dir)).rejects.toMatchObject({
      code: 'DATA_INVALID',
      message: expect.stringMatching(message) as string,
    });
  });

  it('refuses a label file that is absurdly large', async () => {
    const dir = await makeFolder({ 'labels.csv': 'file,class_index\n', 'a.jpg': '' });
    await truncate(join(dir, 'labels.csv'), 3e9); // takes no room on the disk
    await expect(openImageFolder(dir)).rejects.toMatchObject({
      code: 'DATA_INVALID',
      message: expect.stringMatching(/labels\.csv' has 3000000000 bytes/) as string,
    });
  });

  it('reports progress, and stops when told to', async () => {
    const files = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`${i}.jpg`, '']));
    const csv = ['file,class_index', ...Object.keys(files).map((name) => `${name},1`)].join('\n');
    const dir = await makeFolder({ 'labels.csv': csv, ...files });
    const events: ProgressEvent[] = [];
    await openImageFolder(dir, { onProgress: (event) => events.push(event) });
    expect(events.map(({ done }) => done)).toEqual(Array.from({ length: 100 }, (_, i) => i + 1));
    expect(events.at(-1)).toEqual({ stage: 'open', done: 100, total: 100, unit: 'images' });

    const controller = new AbortController();
    const aborted = openImageFolder(dir, { signal: controller.signal, onProgress: () => controller.abort() });
    await expect(aborted).rejects.toMatchObject({ code: 'ABORTED' });
  });

  it('reads the ImageNet sample', async (context) => {
    const folder = await openImageFolder(requireRealData(context).images);
    expect(folder.examples).toHaveLength(1000);
    expect(folder.examples[0]).toMatchObject({ id: 'images/n01440764_tench.JPEG', label: 0 });
    expect(new Set(folder.examples.map(({ label }) => label))).toEqual(new Set(Array(1000).keys()));
  });
});

describe('a folder per class', () => {
  it('numbers the sorted folders, whatever the case of the extensions, and passes over other files', async () => {
    const dir = await makeFolder({
      'dog/2.JPEG': '',
      'dog/1.webp': '',
      'dog/notes.txt': '',
      'cat/x.Png': '',
      'Zebra/z.jpg': '',
      'README.md': '',
      '.cache/c.jpg': '',
      'cat/._x.png': '',
    });
    const folder = await openImageFolder(dir);
    expect(folder.classNames).toEqual(['Zebra', 'cat', 'dog']);
    expect(folder.examples.map(({ id, label }) => [id, label])).toEqual([
      ['Zebra/z.jpg', 0],
      ['cat/x.Png', 1],
      ['dog/1.webp', 2],
      ['dog/2.JPEG', 2],
    ]);
    expect(folder.examples[3]!.source).toBe(join(dir, 'dog', '2.JPEG'));
    expect(folder.labelled).toBe(true);
  });

  it('follows symbolic links', async () => {
    const store = await makeFolder({ 'a.jpg': '', 'b.jpg': '' });
    const dir = await makeFolder({ 'one/keep.jpg': '' });
    await symlink(store, join(dir, 'two'));
    await symlink(join(store, 'a.jpg'), join(dir, 'one', 'linked.jpg'));
    expect(ids(await openImageFolder(dir))).toEqual([
      'one/keep.jpg',
      'one/linked.jpg',
      'two/a.jpg',
      'two/b.jpg',
    ]);
  });

  it.each([
    ['a class without images', { 'a/1.jpg': '', 'b/notes.txt': '' }, /class folder 'b' has no images/],
    ['images beside the folders', { 'a/1.jpg': '', '1.jpg': '' }, /both beside and inside 'a'/],
  ])('refuses %s', async (_, files, message) => {
    const dir = await makeFolder(files);
    await expect(openImageFolder(dir)).rejects.toMatchObject({
      code: 'DATA_INVALID',
      message: expect.stringMatching(message) as string,
    });
  });
});

describe('a folder of images', () => {
  it('has no labels', async () => {
    const dir = await makeFolder({ 'b.jpg': '', 'a.png': '', 'notes.txt': '', 'empty/notes.txt': '' });
    const events: ProgressEvent[] = [];
    const folder = await openImageFolder(dir, { onProgress: (event) => events.push(event) });
    expect(folder).toEqual({
      dir,
      labelled: false,
      examples: [
        { id: 'a.png', source: join(dir, 'a.png') },
        { id: 'b.jpg', source: join(dir, 'b.jpg') },
      ],
    });
    expect(events).toEqual([{ stage: 'open', done: 2, total: 2, unit: 'images' }]);
  });

  it('refuses one without images, one that is a file, and one that is not there', async () => {
    const dir = await makeFolder({ 'notes.txt': '' });
    await expect(openImageFolder(dir)).rejects.toMatchObject({ code: 'DATA_INVALID' });
    await expect(openImageFolder(join(dir, 'notes.txt'))).rejects.toMatchObject({ code: 'IO_FAILED' });
    await expect(openImageFolder(join(dir, 'no'))).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});
