/**
 * What `patchslim setup` refuses, and what it leaves behind: real processes, wheels that hold no TensorFlow. The build itself takes a wheel
 * of 270 MB; `npm run rarely-run -w docs -- tfjs-node` tries it.
 */

import { endNow, interrupt, isLinux, link, systemName } from '@patchslim/testing/platform';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { fittingPlatform, libraryFiles, writeWheel } from './fake-wheel.js';
import { runMain } from './main.js';
import { bundlePatchslim } from './patchslim.js';
import { temporaryFolder } from './tiny-model.js';
import { when } from './watch-files.js';

const patchslim = bundlePatchslim();
const onLinux = isLinux && ['x64', 'arm64'].includes(process.arch);

let folder: string;
let wheel: string;
let cache: string;
beforeEach(async () => {
  folder = await temporaryFolder();
  wheel = join(folder, 'tensorflow_cpu-2.0.0-cp311-cp311-linux.whl');
  cache = join(folder, 'cache');
  onTestFinished(() => void vi.unstubAllEnvs());
});

/** Runs `setup tfjs-node` with a cache of its own. */
const setup = (args: readonly string[] = [], env: Readonly<Record<string, string>> = {}) =>
  patchslim(['setup', 'tfjs-node', ...args], { env: { XDG_CACHE_HOME: cache, ...env } });

/** A `PATH` on which there are only the given programs. */
async function pathWith(...programs: readonly string[]): Promise<string> {
  const bin = join(folder, 'bin');
  await mkdir(bin);
  for (const program of programs) {
    const places = process.env['PATH']!.split(delimiter).map((place) => join(place, program));
    const found = places.find((place) => existsSync(place));
    if (found === undefined) throw new Error(`this test needs ${program}`);
    await link(found, join(bin, program));
  }
  return bin;
}

/** Everything in the folder of built addons. */
const leftovers = async (): Promise<string[]> => readdir(join(cache, 'patchslim/tfjs-node')).catch(() => []);

it.skipIf(onLinux)('refuses this system by name', async () => {
  const { status, stderr } = await setup();
  expect(stderr).toMatch(new RegExp(`${systemName} is not supported.*BACKEND_UNAVAILABLE`, 's'));
  expect(status).toBe(1);
});

describe.runIf(onLinux)('without what it needs', () => {
  it('says what is missing and how to get it, all at once', async () => {
    const { status, stderr } = await setup([], { PATH: await pathWith() });
    expect(stderr).toMatch(
      /^patchslim: setup tfjs-node needs a C\+\+ compiler \(apt-get install g\+\+.*, and pip, to download tensorflow.*==2\..*--wheel PATH\) \[BACKEND_UNAVAILABLE\]\n$/,
    );
    expect(status).toBe(1);
    expect(existsSync(cache)).toBe(false);
  });

  it('needs only pip where there is a compiler', async () => {
    const { status, stderr } = await setup([], { PATH: await pathWith('g++') });
    expect(stderr).toMatch(/^patchslim: setup tfjs-node needs pip, .*--wheel PATH\) \[DOWNLOAD_FAILED\]\n$/);
    expect(status).toBe(1);
  });

  it('says what pip said when there is no network', async () => {
    const nowhere = {
      PIP_INDEX_URL: 'http://127.0.0.1:9/',
      PIP_FIND_LINKS: '',
      PIP_RETRIES: '0',
      PIP_NO_INDEX: '',
    };
    const { status, stderr } = await setup(['--quiet'], nowhere);
    expect(stderr).toMatch(
      /^patchslim: setup tfjs-node: pip cannot download tensorflow.*\ncheck the network, or give a wheel with --wheel PATH \[DOWNLOAD_FAILED\]\n$/s,
    );
    expect(status).toBe(1);
    expect(await leftovers()).toEqual([]);
  });
});

describe.runIf(onLinux)('refuses a wheel', () => {
  const fitting = { files: libraryFiles };

  it.each([
    [
      'that is no zip',
      () => writeFile(wheel, 'not a zip'),
      /is no whole Python wheel: .*; download it again \[INVALID/,
    ],
    ['that is cut off', async () => writeFile(wheel, (await readFile(await writeWheel(wheel, fitting))).subarray(0, 300)), /is no whole Python wheel: .*; download it again \[INVALID/], // prettier-ignore
    ['of another package', () => writeWheel(wheel, { ...fitting, name: 'numpy' }), /is a wheel of numpy; expected tensorflow/], // prettier-ignore
    ['for another system', () => writeWheel(wheel, { ...fitting, platform: 'win_amd64' }), /is for another system \(cp311-cp311-win_amd64\)/], // prettier-ignore
    ['for a newer glibc', () => writeWheel(wheel, { ...fitting, platform: fittingPlatform.replace('_17_', '_99_') }), /for another system \(.*_2_99_.*\) than this one with glibc 2\./], // prettier-ignore
    ['without the libraries', () => writeWheel(wheel), /has no tensorflow\/libtensorflow_cc\.so\.2 and no/],
    ['whose files are not those it records', () => writeWheel(wheel, { ...fitting, damaged: ['tensorflow/libtensorflow_cc.so.2'] }), /libtensorflow_cc\.so\.2 has another SHA-256 than it records/], // prettier-ignore
    ['that does not link', () => writeWheel(wheel, fitting), /g\+\+ cannot build the addon of @tensorflow\/tfjs-node 4\.\d+\.\d+: .*error/s], // prettier-ignore
  ])('%s', async (_, make, message) => {
    await make();
    vi.stubEnv('XDG_CACHE_HOME', cache);
    const { status, stdout, stderr } = await runMain(['setup', 'tfjs-node', '--quiet', '--wheel', wheel]);
    expect(stderr).toMatch(message);
    expect([status, stdout]).toEqual([1, '']);
    expect(await leftovers()).toEqual([]);
  });

  it('built without CUDA, for the GPU', async () => {
    await writeWheel(wheel, fitting);
    const { status, stderr } = await runMain(['setup', 'tfjs-node-gpu', '--wheel', wheel]);
    expect(stderr).toMatch(/was built without CUDA; expected tensorflow 2\..* \[INVALID_ARGUMENT\]\n$/);
    expect(status).toBe(1);
  });

  it.each([
    ['a path that is not there', () => Promise.resolve(), /there is no file or folder .* \[NOT_FOUND\]/],
    ['a folder without a wheel', () => mkdir(wheel), /has no wheel of TensorFlow \[NOT_FOUND\]/],
  ])('%s', async (_, make, message) => {
    await make();
    const { status, stderr } = await runMain(['setup', 'tfjs-node', '--wheel', wheel]);
    expect(stderr).toMatch(message);
    expect(status).toBe(1);
  });
});

describe.runIf(onLinux)('the cache', () => {
  it('that cannot be written is an error that names it', async () => {
    await writeFile(cache, 'a file'); // root may write to every folder
    await writeWheel(wheel, { files: libraryFiles });
    const { status, stderr } = await setup(['--quiet', '--wheel', wheel]);
    expect(stderr).toMatch(
      /^patchslim: setup tfjs-node: cannot make a folder in .*cache\/patchslim\/tfjs-node: ENOTDIR.* \[IO_FAILED\]\n$/,
    );
    expect(status).toBe(1);
  });

  it('that is full is an error, and the room is given back', async () => {
    await writeWheel(wheel, {
      files: { ...libraryFiles, 'tensorflow/libtensorflow_cc.so.2': Buffer.alloc(3e6) },
    });
    const { status, stderr } = await patchslim(['setup', 'tfjs-node', '--quiet', '--wheel', wheel], {
      env: { XDG_CACHE_HOME: cache },
      largestFile: 1e6,
    });
    expect(stderr).toMatch(/cannot write .*libtensorflow_cc\.so\.2: EFBIG.* \[IO_FAILED\]\n$/);
    expect(status).toBe(1);
    expect(await leftovers()).toEqual([]);
  });

  it('keeps nothing of a run that was killed, once the next has begun', async () => {
    await writeWheel(wheel, {
      files: { ...libraryFiles, 'tensorflow/libtensorflow_cc.so.2': Buffer.alloc(1e8) },
    });
    const killed = await patchslim(['setup', 'tfjs-node', '--wheel', wheel], {
      env: { XDG_CACHE_HOME: cache },
      whileRunning: (child) =>
        void when(async () => (await leftovers()).length > 0, child).then(() => endNow(child)),
    });
    expect(killed.status).toBe(null);
    const [left, ...others] = await leftovers();
    expect(left).toMatch(/^\.patchslim-.*\.tree$/);
    expect(others).toEqual([]);

    await writeWheel(wheel, { files: libraryFiles });
    const { stderr } = await setup(['--quiet', '--wheel', wheel]);
    expect(stderr).toMatch(/cannot build the addon/); // as far as this wheel gets
    expect(await leftovers()).toEqual([]);
  });

  it('is as before after Ctrl-C', async () => {
    await writeWheel(wheel, {
      files: { ...libraryFiles, 'tensorflow/libtensorflow_cc.so.2': Buffer.alloc(1e8) },
    });
    const { status, stderr } = await patchslim(['setup', 'tfjs-node', '--quiet', '--wheel', wheel], {
      env: { XDG_CACHE_HOME: cache },
      whileRunning: (child) =>
        void when(async () => (await leftovers()).length > 0, child).then(() => interrupt(child)),
    });
    expect(stderr).toBe('patchslim: interrupted\n');
    expect(status).toBe(130);
    expect(await leftovers()).toEqual([]);
  });
});

describe('--remove', () => {
  it('removes what was built for that package, and nothing else', async () => {
    const addons = join(cache, 'patchslim/tfjs-node');
    const own = [
      'tfjs-node-4.22.0-tensorflow-2.21.0-linux-x64-napi8',
      'tfjs-node-4.21.0-tensorflow-2.20.0-linux-x64-napi8',
    ];
    const others = ['notes', 'tfjs-node-gpu-4.22.0-tensorflow-2.21.0-linux-x64-napi8'];
    for (const name of [...own, ...others])
      await mkdir(join(addons, name, 'tensorflow'), { recursive: true });
    const { status, stdout } = await setup(['--remove', '--json']);
    expect(status).toBe(0);
    const removed = own.toSorted().map((name) => join(addons, name));
    expect(JSON.parse(stdout)).toEqual({ backend: 'tfjs-node', removed });
    expect(await leftovers()).toEqual(others);
    expect((await setup(['--remove'])).stdout).toMatch(
      /^nothing was built for tfjs-node in .*patchslim\/tfjs-node\n$/,
    );
  });

  it.each([
    [['setup'], /BACKEND is missing/],
    [['setup', 'tfjs-nod'], /unknown backend to set up 'tfjs-nod'; did you mean tfjs-node/],
    [['setup', 'tfjs-node', '--remove', '--wheel', 'x'], /give --wheel or --remove/],
    [['setup', 'tfjs-node', '--system-cuda'], /--system-cuda is for tfjs-node-gpu/],
  ])('%j is no command line', async (args, message) => {
    const { status, stderr } = await runMain(args);
    expect(stderr).toMatch(message);
    expect(status).toBe(2);
  });
});
