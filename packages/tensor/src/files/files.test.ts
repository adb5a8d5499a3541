/** Atomic writes and temporary folders, with processes that are really killed. */

import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  chmod,
  chown,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { PatchslimError } from '../errors.js';
import { cacheFolder, makeTemporaryFolder, makeTemporaryTree, writeWhole } from './index.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'patchslim-files-test-'));
  onTestFinished(() => rm(folder, { recursive: true }));
});

/** Other systems have no /proc, so ended processes cannot be detected. */
const itOnLinux = it.runIf(process.platform === 'linux');

/** The number of a process that has ended. */
const goneProcess = (): number => spawnSync(process.execPath, ['--version']).pid;

const program = fileURLToPath(new URL('../../test/use-files.ts', import.meta.url));
const programArgs = ['--conditions=@patchslim/source', '--import', 'tsx', program];

/** A process of `test/use-files.ts` that is still running. */
function start(deed: string, path: string): ChildProcess {
  return spawn(process.execPath, [...programArgs, deed, path], { stdio: ['ignore', 'pipe', 'inherit'] });
}

async function kill(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL');
  await once(child, 'exit');
}

/** The name of the temporary file in the folder, as soon as something is in it. */
async function nameOfHalf(): Promise<string> {
  for (;;) {
    const half = (await readdir(folder)).find((name) => name.endsWith('.tmp'));
    if (half !== undefined && (await stat(join(folder, half))).size > 0) return half;
    await setTimeout(5);
  }
}

describe('writeWhole', () => {
  it('writes texts and bytes, replaces the old content, and leaves no other file', async () => {
    const path = join(folder, 'a.txt');
    await writeFile(path, 'old and longer');
    await writeWhole('test', path, ['one ', new TextEncoder().encode('two')]);
    expect(await readFile(path, 'utf8')).toBe('one two');
    expect(await readdir(folder)).toEqual(['a.txt']);
  });

  it('supports concurrent calls for one file', async () => {
    const path = join(folder, 'a.txt');
    const texts = Array.from({ length: 8 }, (_, i) => String(i).repeat(100_000));
    await Promise.all(texts.map((text) => writeWhole('test', path, [text])));
    expect(texts).toContain(await readFile(path, 'utf8'));
    expect(await readdir(folder)).toEqual(['a.txt']);
  });

  it('leaves only the old file when the chunks throw', async () => {
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
    ['a folder that does not exist', 'none/a.txt'],
    ['a folder that is a file', 'file/a.txt'],
    ['a name that is a folder', 'sub'],
    ['links that lead nowhere', 'loop'],
  ])('is IO_FAILED for %s', async (_, name) => {
    await writeFile(join(folder, 'file'), '');
    await mkdir(join(folder, 'sub', 'full'), { recursive: true });
    await symlink('loop', join(folder, 'loop'));
    const path = join(folder, name);
    await expect(writeWhole('test', path, ['x'])).rejects.toMatchObject({
      code: 'IO_FAILED',
      message: expect.stringContaining(`test: cannot write ${path}: `) as string,
      details: { path },
    });
    expect((await readdir(folder)).sort()).toEqual(['file', 'loop', 'sub']);
  });

  it("writes names as long as the system's limit", async () => {
    const name = 'n'.repeat(255);
    await writeWhole('test', join(folder, name), ['new']);
    expect(await readdir(folder)).toEqual([name]);
  });

  it('keeps the permissions of the old file', async () => {
    const path = join(folder, 'a.txt');
    await writeFile(path, 'old');
    await chmod(path, 0o620);
    await writeWhole('test', path, ['new']);
    expect((await stat(path)).mode & 0o777).toBe(0o620);
  });
});

describe('writeWhole, among files of others in the folder,', () => {
  it("keeps the user's files and folders with similar names", async () => {
    const gone = goneProcess();
    const names = [
      ...['a.txt.2024-05-01', 'a.txt.99999.bak', 'a.txt.bak', `a.txt.${gone}`, `a.txt.${gone}.x.tmp`],
      ...[
        `a.txt.${gone}.6bbd1f5c-7d0c-4f5e-9d2b-0f3c1c1f8a11.tmp`,
        '.patchslim-notes.tmp',
        '.patchslim-.tmp',
      ],
    ];
    for (const name of names) await writeFile(join(folder, name), '');
    await mkdir(join(folder, 'a.txt.99998-old', 'full'), { recursive: true });
    await writeWhole('test', join(folder, 'a.txt'), ['new']);
    expect((await readdir(folder)).sort()).toEqual(['a.txt', 'a.txt.99998-old', ...names].sort());
  });

  itOnLinux(
    'removes the part of a killed process, but no file of another machine, a running process, or another kind',
    async () => {
      const path = join(folder, 'a.txt');
      const child = start('write-forever', path);
      const half = await nameOfHalf();
      await kill(child);
      const [, host, owner, id] = /^\.patchslim-([0-9a-f]{16})-(\d+)-([0-9a-f-]{36})\.tmp$/.exec(half)!;
      const kept = [
        `.patchslim-${'0'.repeat(16)}-${owner}-${id}.tmp`,
        `.patchslim-unknown-${owner}-${id}.tmp`,
        `.patchslim-${host}-${process.pid}-${id}.tmp`,
        `.patchslim-${host}-${owner}-${id}.tmp.bak`,
        `.patchslim-${host}-${owner}-2024-05-01.tmp`,
      ];
      for (const name of kept) await writeFile(join(folder, name), '');
      const folderOfTheName = half.replace(/.\.tmp$/, (end) => (end === '0.tmp' ? '1.tmp' : '0.tmp'));
      await mkdir(join(folder, folderOfTheName));
      await writeWhole('test', path, ['new']);
      expect((await readdir(folder)).sort()).toEqual(['a.txt', folderOfTheName, ...kept].sort());
    },
  );
});

/** Runs a process in a separate process namespace, like a container: it does not see outside processes. */
const unshare = ['--pid', '--fork', '--mount-proc'];
const mayUnshare = process.platform === 'linux' && spawnSync('unshare', [...unshare, 'true']).status === 0;

it.runIf(mayUnshare)(
  'a process in another container keeps the file that a process here is writing',
  async () => {
    const child = start('write-forever', join(folder, 'a.txt'));
    const half = await nameOfHalf();
    const inContainer = [...unshare, process.execPath, ...programArgs, 'write', join(folder, 'b.txt')];
    expect(spawnSync('unshare', inContainer).status).toBe(0);
    expect((await readdir(folder)).sort()).toEqual([half, 'b.txt']);
    await kill(child);
  },
);

describe('writeWhole to links, pipes and stdout', () => {
  it.each([
    ['a file', 'real/plan.json', 'old'],
    ['a file that does not exist yet', 'real/plan.json', undefined],
  ])('writes through a link to %s', async (_, target, content) => {
    await mkdir(join(folder, 'real'));
    if (content !== undefined) await writeFile(join(folder, target), content);
    await symlink(target, join(folder, 'first'));
    await symlink(join(folder, 'first'), join(folder, 'second'));
    await writeWhole('test', join(folder, 'second'), ['new']);
    expect(await readlink(join(folder, 'first'))).toBe(target);
    expect(await readlink(join(folder, 'second'))).toBe(join(folder, 'first'));
    expect(await readFile(join(folder, target), 'utf8')).toBe('new');
    expect((await readdir(folder)).sort()).toEqual(['first', 'real', 'second']);
    expect(await readdir(join(folder, 'real'))).toEqual(['plan.json']);
  });

  it('resolves .. after a link to a folder like the system', async () => {
    await mkdir(join(folder, 'far', 'deep'), { recursive: true });
    await symlink('far/deep', join(folder, 'near'));
    await symlink('near/../plan.json', join(folder, 'link'));
    await writeWhole('test', join(folder, 'link'), ['new']);
    expect(await readFile(join(folder, 'far', 'plan.json'), 'utf8')).toBe('new');
  });

  it('writes to a pipe', async () => {
    const pipe = join(folder, 'pipe');
    expect(spawnSync('mkfifo', [pipe]).status).toBe(0);
    const [text] = await Promise.all([readFile(pipe, 'utf8'), writeWhole('test', pipe, ['through ', 'it'])]);
    expect(text).toBe('through it');
    expect((await lstat(pipe)).isFIFO()).toBe(true);
    expect(await readdir(folder)).toEqual(['pipe']);
  });

  // The link is ours, as /dev/stdout is the system's.
  itOnLinux.each(['a pipe', 'a file'])('writes to stdout, in order, if it is %s', async (kind) => {
    const link = join(folder, 'stdout');
    await symlink('/proc/self/fd/1', link);
    const redirect = kind === 'a file' ? `> '${join(folder, 'out')}'` : '';
    const { status, stdout } = spawnSync(
      'bash',
      ['-c', `exec "$@" ${redirect}`, 'bash', process.execPath, ...programArgs, 'write', link],
      { encoding: 'utf8' },
    );
    expect(status).toBe(0);
    const written = kind === 'a file' ? await readFile(join(folder, 'out'), 'utf8') : stdout;
    expect(written).toBe('before\nwritten\nafter\n');
    expect(await readlink(link)).toBe('/proc/self/fd/1');
  });

  it('works in a folder that is writable but not readable', async () => {
    const drop = join(folder, 'drop');
    await mkdir(drop);
    await chmod(folder, 0o755);
    if (process.getuid?.() === 0) await chown(drop, 65534, 65534);
    await chmod(drop, 0o300);
    const child = start('write-as-nobody', join(drop, 'a.txt'));
    const [status] = (await once(child, 'exit')) as [number];
    await chmod(drop, 0o700);
    expect(status).toBe(0);
    expect(await readdir(drop)).toEqual(['a.txt']);
    expect(await readFile(join(drop, 'a.txt'), 'utf8')).toBe('new');
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

  it('makes a new folder each time', async () => {
    const made = [await makeTemporaryFolder('test'), await makeTemporaryFolder('test')];
    expect((await readdir(folder)).map((name) => join(folder, name)).sort()).toEqual([...made].sort());
  });

  itOnLinux('removes the folders of killed processes with their files, and keeps all others', async () => {
    const child = start('hold-folder', '');
    await once(child.stdout!, 'data');
    const ours = async () => (await readdir(folder)).filter((name) => name.startsWith('patchslim-'));
    const [held] = (await ours()) as [string];
    const [, host, owner, id] = /^patchslim-([0-9a-f]{16})-(\d+)-([0-9a-f-]{36})$/.exec(held)!;
    const others = [`patchslim-${owner}-abc`, `patchslim-${'0'.repeat(16)}-${owner}-${id}`, 'patchslim-mine'];
    for (const name of others) await mkdir(join(folder, name));
    // The same name except for the last digit, and with a subfolder, which ours never have.
    const deep = held.replace(/.$/, (digit) => (digit === '0' ? '1' : '0'));
    await mkdir(join(folder, deep, 'sub'), { recursive: true });
    await writeFile(join(folder, deep, 'sub', 'work'), '');

    await makeTemporaryFolder('test');
    expect(await ours()).toContain(held);
    await kill(child);
    await makeTemporaryFolder('test');
    const names = await ours();
    expect(names).not.toContain(held);
    expect(names).toHaveLength(others.length + 3);
    expect(names).toEqual(expect.arrayContaining([...others, deep]));
    expect(host).not.toBe('0'.repeat(16));
  });

  it('is IO_FAILED if the parent is not a folder', async () => {
    process.env['TMPDIR'] = join(folder, 'absent');
    await expect(makeTemporaryFolder('test')).rejects.toMatchObject({
      code: 'IO_FAILED',
      message: expect.stringMatching(/test: cannot make a folder in .*absent.*TMPDIR/) as string,
    });
  });
});

describe('makeTemporaryTree', () => {
  it('makes its parent, and a new folder each time', async () => {
    const parent = join(folder, 'cache', 'own');
    const made = [await makeTemporaryTree('test', parent), await makeTemporaryTree('test', parent)];
    expect((await readdir(parent)).map((name) => join(parent, name)).sort()).toEqual([...made].sort());
  });

  itOnLinux(
    'removes the trees of killed processes with all that they hold, and keeps all others',
    async () => {
      const child = start('hold-tree', folder);
      await once(child.stdout!, 'data');
      const [held] = (await readdir(folder)) as [string];
      await mkdir(join(folder, 'mine'));
      const running = await makeTemporaryTree('test', folder);
      expect(await readdir(folder)).toContain(held);
      await kill(child);
      const next = await makeTemporaryTree('test', folder);
      const names = (await readdir(folder)).map((name) => join(folder, name));
      expect(names.sort()).toEqual([join(folder, 'mine'), running, next].sort());
    },
  );

  it('is IO_FAILED if the parent cannot be made', async () => {
    await writeFile(join(folder, 'file'), '');
    await expect(makeTemporaryTree('test', join(folder, 'file', 'own'))).rejects.toMatchObject({
      code: 'IO_FAILED',
      message: expect.stringMatching(/test: cannot make a folder in .*file/) as string,
    });
  });
});

it('cacheFolder is in XDG_CACHE_HOME, else in the home folder', async () => {
  onTestFinished(() => void vi.unstubAllEnvs());
  vi.stubEnv('XDG_CACHE_HOME', folder);
  expect(await cacheFolder()).toBe(join(folder, 'patchslim'));
  vi.stubEnv('XDG_CACHE_HOME', '');
  vi.stubEnv(process.platform === 'win32' ? 'USERPROFILE' : 'HOME', folder);
  expect(await cacheFolder()).toBe(join(folder, '.cache', 'patchslim'));
});
