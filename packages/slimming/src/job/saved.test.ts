/** Saved parts of a job: read back unchanged, only by the same job, and removed without touching other files. */

import { float32 } from '@patchslim/tensor';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ownTemporaryFolder } from '../../test/temporary-folder.js';
import { openSaved, savedWithin } from './saved.js';

const tensors = [float32([2, 2], [1, -2, 0.5, 1e-9]), float32([3], [1, 2, 3]), float32([1], [7])];
const value = { kept: [0, 4, 16], error: 0.0123, name: 'ward:x', nothing: null };
const keyOf = (key: string) => () => Promise.resolve(key);
const open = (folder: string, key = 'a job') => openSaved(folder, keyOf(key));
const anew = () => join(ownTemporaryFolder(), 'out', 'progress');
const refusal = {
  code: 'INVALID_ARGUMENT',
  message: expect.stringMatching(
    /block-2.safetensors' belongs to a job with other settings, images/,
  ) as string,
};

describe('saved in a folder', () => {
  it('is read back unchanged, also by a later process', async () => {
    const folder = anew();
    const saved = open(folder);
    expect(await saved.read('block-2')).toBeUndefined();
    await saved.write('block-2', value, tensors);
    await saved.write('counts', [1, 2]);
    for (const each of [saved, open(folder)]) {
      expect(await each.read('block-2')).toEqual({ value, tensors });
      expect(await each.read('counts')).toEqual({ value: [1, 2], tensors: [] });
    }
    expect((await readdir(folder)).sort()).toEqual(['block-2.safetensors', 'counts.safetensors']);
    await saved.write('counts', [3]);
    expect((await open(folder).read('counts'))!.value).toEqual([3]);
  });

  it('keeps the order of more than ten tensors', async () => {
    const saved = open(anew());
    const many = Array.from({ length: 12 }, (_, i) => float32([1], [i]));
    await saved.write('many', null, many);
    expect((await saved.read('many'))!.tensors).toEqual(many);
  });

  it('accepts names that file systems refuse', async () => {
    const folder = anew();
    const within = savedWithin(open(folder), 'top-k:score=a/b,rest=fuse');
    await within.write('latency', 1);
    expect((await within.read('latency'))!.value).toBe(1);
    expect(await readdir(folder)).toEqual(['top-k-score-a-b-rest-fuse-latency.safetensors']);
  });

  it('of another job is refused on reading, and not replaced', async () => {
    const folder = anew();
    await open(folder).write('block-2', value, tensors);
    const path = join(folder, 'block-2.safetensors');
    const before = await readFile(path);
    const other = open(folder, 'another job');
    await expect(other.read('block-2')).rejects.toMatchObject(refusal);
    await expect(open(folder, 'another job').write('block-2', {})).rejects.toMatchObject(refusal);
    expect(await readFile(path)).toEqual(before);
    // Its own entries still work.
    await other.write('block-1', 1);
    await other.remove();
    expect(await readdir(folder)).toEqual(['block-2.safetensors']);
  });

  it('is refused if the file is broken, and keeps the file', async () => {
    const folder = anew();
    await mkdir(folder, { recursive: true });
    const path = join(folder, 'block-2.safetensors');
    await writeFile(path, 'half of a fi');
    await expect(open(folder).read('block-2')).rejects.toMatchObject({ code: 'CHECKPOINT_INVALID' });
    await expect(open(folder).write('block-2', 1)).rejects.toMatchObject({ code: 'CHECKPOINT_INVALID' });
    expect(await readFile(path, 'utf8')).toBe('half of a fi');
  });

  it('names the path that cannot be written', async () => {
    const place = join(ownTemporaryFolder(), 'a-file');
    await writeFile(place, '');
    await expect(open(join(place, 'progress')).write('block-2', 1)).rejects.toMatchObject({
      code: 'IO_FAILED',
    });
  });

  it('asks for the key once, when an entry is first read or written', async () => {
    let asked = 0;
    const saved = openSaved(anew(), () => Promise.resolve(String(++asked)));
    await saved.remove();
    expect(asked).toBe(0);
    await saved.read('one');
    await savedWithin(saved, 'ward').write('two', 2);
    expect(asked).toBe(1);
  });
});

describe('remove', () => {
  it('removes all entries of the job, and the folder', async () => {
    const folder = anew();
    await open(folder).write('block-2', value);
    const saved = open(folder);
    await saved.read('block-2');
    await savedWithin(saved, 'ward').write('counts', 1);
    await saved.remove();
    await expect(stat(folder)).rejects.toMatchObject({ code: 'ENOENT' });
    expect(await saved.read('block-2')).toBeUndefined();
    await saved.write('block-2', 1); // and continues
    expect(await readdir(folder)).toEqual(['block-2.safetensors']);
  });

  it('keeps everything else', async () => {
    const folder = anew();
    const saved = open(folder);
    await saved.write('block-2', value);
    const mine = ['block-3.safetensors', 'block-2.safetensors.bak', 'block-02.safetensors', 'notes.txt'];
    for (const name of mine) await writeFile(join(folder, name), 'mine');
    await saved.remove();
    expect((await readdir(folder)).sort()).toEqual(mine.sort());
    for (const name of mine) expect(await readFile(join(folder, name), 'utf8')).toBe('mine');
  });

  it('does nothing when nothing was saved, and keeps an empty folder of the user', async () => {
    const folder = anew();
    await open(folder).remove();
    await mkdir(folder, { recursive: true });
    await open(folder).remove();
    expect(await readdir(folder)).toEqual([]);
  });

  it('accepts files that are already gone', async () => {
    const folder = anew();
    const [one, other] = [open(folder), open(folder)];
    await one.write('block-2', value);
    await other.read('block-2');
    await one.remove();
    await expect(other.remove()).resolves.toBeUndefined();
  });
});

describe('saved without a folder', () => {
  it('is kept in memory, for this job alone', async () => {
    const saved = openSaved(undefined, () => Promise.reject(new Error('needs no key')));
    const other = openSaved(undefined, keyOf('a job'));
    await saved.write('block-2', value, tensors);
    await savedWithin(saved, 'ward').write('block-2', 1);
    expect(await saved.read('block-2')).toEqual({ value, tensors });
    expect(await savedWithin(saved, 'ward').read('block-2')).toEqual({ value: 1, tensors: [] });
    expect(await savedWithin(saved, 'tome').read('block-2')).toBeUndefined();
    expect(await other.read('block-2')).toBeUndefined();
    await saved.remove();
    expect(await saved.read('block-2')).toBeUndefined();
  });
});
