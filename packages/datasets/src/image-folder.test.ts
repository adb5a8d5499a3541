/** The three layouts, on real folders. */

import { truncate } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { ProgressEvent } from '@patchslim/tensor';
import { describe, expect, it } from 'vitest';
import { requireRealData } from '@patchslim/testing';
import { makeFolder } from '../test/folder.js';
import { link } from '@patchslim/testing/platform';
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
      name: basename(dir),
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

  it.each([
    ['semicolons and CRLF', 'file;class_index\r\nsub\\a.jpg;3\r\n'],
    ["Excel's first line", 'sep=;\nfile;class_index\nsub/a.jpg;3\n'],
    ['tabs', 'class_index\tfile\n3\tsub/a.jpg\n'],
    ['UTF-16 with a mark', Buffer.from('\uFEFFfile,class_index\nsub/a.jpg,3\n', 'utf16le')],
    ['UTF-16 without one', Buffer.from('file,class_index\nsub/a.jpg,3\n', 'utf16le')],
    ['big-endian UTF-16', Buffer.from('\uFEFFfile,class_index\nsub/a.jpg,3\n', 'utf16le').swap16()],
  ])('reads %s', async (_, csv) => {
    const folder = await openImageFolder(await makeFolder({ 'labels.csv': csv, 'sub/a.jpg': '' }));
    expect(folder.examples).toMatchObject([{ id: 'sub/a.jpg', label: 3 }]);
    expect(folder).not.toHaveProperty('remarks');
  });

  it('finds a file whose name has another Unicode form, and gives it the name that it has', async () => {
    const [composed, decomposed] = ['b\u00e9b\u00e9', 'be\u0301be\u0301'];
    const csv = `file,class_index\n${composed}/${composed}.jpg,1\n`;
    const dir = await makeFolder({ 'labels.csv': csv, [`${decomposed}/${decomposed}.jpg`]: '' });
    expect(ids(await openImageFolder(dir))).toEqual([`${decomposed}/${decomposed}.jpg`]);
  });

  it('finds paths of other machines by how they end, and says so', async () => {
    const csv = 'file,class_index\nC:\\data\\set\\sub\\a.jpg,1\n/home/me/set/b.jpg,2\n';
    const dir = await makeFolder({ 'labels.csv': csv, 'sub/a.jpg': '', 'b.jpg': '' });
    const folder = await openImageFolder(dir);
    expect(folder.examples.map(({ id, label }) => [id, label])).toEqual([
      ['b.jpg', 2],
      ['sub/a.jpg', 1],
    ]);
    expect(folder.remarks).toEqual([expect.stringMatching(/^2 paths of labels\.csv begin elsewhere/)]);
  });

  it('takes absolute paths of this machine', async () => {
    const other = await makeFolder({ 'x.jpg': '' });
    const dir = await makeFolder({ 'labels.csv': `file,class_index\n${join(other, 'x.jpg')},1\n` });
    const folder = await openImageFolder(dir);
    expect(folder.examples).toMatchObject([{ source: join(other, 'x.jpg') }]);
    expect(folder).not.toHaveProperty('remarks');
  });

  it.each([
    [
      'two paths that mean one file',
      'D:\\x\\a.jpg,1\nD:\\y\\a.jpg,2\n',
      /:3: 'a\.jpg' was already named on line 2/,
    ],
    ['a path that leads nowhere', 'D:\\x\\b.jpg,1\n', /:2: 'D:\/x\/b\.jpg' is not a file .*relative/],
    ['Latin-1', Buffer.from('\xe9.jpg,1\n', 'latin1'), /labels\.csv: not UTF-8 text; save it as UTF-8/],
  ])('refuses %s', async (_, rows, message) => {
    const csv = Buffer.concat([Buffer.from('file,class_index\n'), Buffer.from(rows)]);
    const dir = await makeFolder({ 'labels.csv': csv, 'a.jpg': '' });
    await expect(openImageFolder(dir)).rejects.toThrow(message);
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

  it('reads every kind, counts the others, and passes over litter and broken links', async () => {
    const read = ['a.jpg', 'b.JFIF', 'c.bmp', 'd.tif', 'e.gif', 'f.avif', 'g.webp', 'h.png'];
    const litter = ['Thumbs.db', 'desktop.ini', '.DS_Store', '._a.jpg'];
    const others = ['1.heic', '2.HEIC', '3.svg', 'LICENSE'];
    const dir = await makeFolder({
      ...Object.fromEntries([...read, ...litter, ...others].map((name) => [`one/${name}`, ''])),
      'two/x.jpg': '',
      '__MACOSX/one/._a.jpg': '',
      '@eaDir/x.jpg': '',
    });
    await link('/nowhere/dead.png', join(dir, 'two', 'dead.png'));
    const folder = await openImageFolder(dir);
    expect(ids(folder)).toEqual([...read.map((name) => `one/${name}`), 'two/x.jpg']);
    expect(folder.remarks).toEqual([
      expect.stringMatching(
        /^5 files skipped: 2 \.heic, 1 without extension, 1 \.svg, 1 broken link \(two\/dead\.png\); ignored, since images are \.jpg, /,
      ),
    ]);
  });

  it('takes one folder alone for no class', async () => {
    const folder = await openImageFolder(await makeFolder({ 'images/1.jpg': '', 'images/2.jpg': '' }));
    expect(folder.labelled).toBe(false);
    expect(folder).not.toHaveProperty('classNames');
    expect(folder.examples.every((example) => !('label' in example))).toBe(true);
  });

  it('says where images lie deeper', async () => {
    const dir = await makeFolder({ 'val/cat/1.jpg': '' });
    await expect(openImageFolder(dir)).rejects.toThrow(`there are folders in 'val': is '${dir}/val' meant?`);
  });

  it('follows symbolic links', async () => {
    const store = await makeFolder({ 'a.jpg': '', 'b.jpg': '' });
    const dir = await makeFolder({ 'one/keep.jpg': '' });
    await link(store, join(dir, 'two'));
    await link(join(store, 'a.jpg'), join(dir, 'one', 'linked.jpg'));
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
    expect(folder).toMatchObject({ dir, name: basename(dir), labelled: false });
    expect(folder.examples).toEqual([
      { id: 'a.png', source: join(dir, 'a.png') },
      { id: 'b.jpg', source: join(dir, 'b.jpg') },
    ]);
    expect(folder.remarks).toEqual([expect.stringMatching(/^1 file skipped: 1 \.txt; /)]);
    expect(events).toEqual([{ stage: 'open', done: 2, total: 2, unit: 'images' }]);
  });

  it('refuses one without images, one that is a file, and one that is not there', async () => {
    const dir = await makeFolder({ 'notes.txt': '' });
    await expect(openImageFolder(dir)).rejects.toMatchObject({ code: 'DATA_INVALID' });
    await expect(openImageFolder(join(dir, 'notes.txt'))).rejects.toMatchObject({ code: 'IO_FAILED' });
    await expect(openImageFolder(join(dir, 'no'))).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});
