/** Whole files and temporary folders, with processes that are really killed. */

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { PatchslimError } from '../errors.js';
import { makeTemporaryFolder, writeWhole } from './index.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'patchslim-files-test-'));
  onTestFinished(() => rm(folder, { recursive: true }));
});

/** The number of a process that has ended. */
const goneProcess = (): number => spawnSync(process.execPath, ['--version']).pid;

describe('writeWhole', () => {
  it('writes texts and bytes, over what was there, and leaves nothing beside it', async () => {
    const path = join(folder, 'a.txt');
    await writeFile(path, 'old and longer');
    await writeWhole('test', path, ['one ', new TextEncoder().encode('two')]);
    expect(await readFile(path, 'utf8')).toBe('one two');
    expect(await readdir(folder)).toEqual(['a.txt']);
  });

  it('may be called for one file at the same time', async () => {
    const path = join(folder, 'a.txt');
    const texts = Array.from({ length: 8 }, (_, i) => String(i).repeat(100_000));
    await Promise.all(texts.map((text) => writeWhole('test', path, [text])));
    expect(texts).toContain(await readFile(path, 'utf8'));
    expect(await readdir(folder)).toEqual(['a.txt']);
  });

  it('leaves the old file and nothing else when the chunks throw', async () => {
    const path = join(folder, 'a.txt');
    await writeFile(path, 'old');
    function* chunks() {
      yield 'new';
      throw new PatchslimError('ABORTED', 'test');
    }
    await expect(writeWhole('test', path, chunks())).rejects.toMatchObject({ code: 'ABORTED' });
    expect(await readFile(path, 'utf8')).toBe('old');
    expect(await readdir(folder)).toEqual(['a.txt']);
  });

  it.each([
    ['a folder that is not there', 'none/a.txt'],
    ['a folder that is a file', 'file/a.txt'],
    ['a name that is a folder', 'sub'],
  ])('is IO_FAILED for %s', async (_, name) => {
    await writeFile(join(folder, 'file'), '');
    await mkdir(join(folder, 'sub', 'full'), { recursive: true });
    const path = join(folder, name);
    await expect(writeWhole('test', path, ['x'])).rejects.toMatchObject({
      code: 'IO_FAILED',
      message: expect.stringContaining(`test: cannot write ${path}: `) as string,
      details: { path },
    });
    expect((await readdir(folder)).sort()).toEqual(['file', 'sub']);
  });

  it('removes what killed writers of the same file left, and nothing else', async () => {
    const gone = goneProcess();
    const others = [`a.txt.${process.pid}.x.tmp`, `b.txt.${gone}.x.tmp`, 'a.txt.bak', `a.txt.${gone}`];
    for (const name of [...others, `a.txt.${gone}.x.tmp`]) await writeFile(join(folder, name), '');
    await writeWhole('test', join(folder, 'a.txt'), ['new']);
    expect((await readdir(folder)).sort()).toEqual(['a.txt', ...others].sort());
  });
});

describe('makeTemporaryFolder', () => {
  beforeEach(() => {
    const before = process.env['TMPDIR'];
    process.env['TMPDIR'] = folder;
    onTestFinished(() => {
      if (before === undefined) delete process.env['TMPDIR'];
      else process.env['TMPDIR'] = before;
    });
  });

  it('makes a new one each time', async () => {
    const made = [await makeTemporaryFolder('test'), await makeTemporaryFolder('test')];
    expect((await readdir(folder)).map((name) => join(folder, name)).sort()).toEqual([...made].sort());
  });

  it('keeps those of running processes, and removes those of killed ones with their files', async () => {
    const other = spawn(process.execPath, ['--eval', 'setInterval(() => {}, 1000)']);
    const [left, foreign] = [join(folder, `patchslim-${other.pid}-abc`), join(folder, 'patchslim-mine')];
    for (const path of [left, foreign]) await mkdir(path);
    await writeFile(join(left, '0.f32'), 'features');
    await makeTemporaryFolder('test');
    expect(await readdir(folder)).toHaveLength(3);

    other.kill('SIGKILL');
    await once(other, 'exit');
    await makeTemporaryFolder('test');
    const names = await readdir(folder);
    expect(names).toContain('patchslim-mine');
    expect(names.filter((name) => name.startsWith(`patchslim-${other.pid}-`))).toEqual([]);
    expect(names).toHaveLength(3);
  });

  it('is IO_FAILED where the folder is none', async () => {
    process.env['TMPDIR'] = join(folder, 'absent');
    await expect(makeTemporaryFolder('test')).rejects.toMatchObject({
      code: 'IO_FAILED',
      message: expect.stringMatching(/test: cannot make a folder in .*absent.*TMPDIR/) as string,
    });
  });
});
