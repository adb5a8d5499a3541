/**
 * `patchslim setup` for real: it is killed, run again, and undone, in a cache of its own. PATCHSLIM_TFJS_BACKEND names the backend;
 * PATCHSLIM_WHEEL a wheel, or a folder of wheels, to take; without it pip downloads.
 */

import { endNow, systemName } from '@patchslim/testing/platform';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { bundlePatchslim } from './patchslim.js';
import { filesIn, when } from './watch-files.js';

const patchslim = bundlePatchslim();
const name = process.env['PATCHSLIM_TFJS_BACKEND'] === 'tfjs-node-gpu' ? 'tfjs-node-gpu' : 'tfjs-node';
const wheel = process.env['PATCHSLIM_WHEEL'];
const args = ['setup', name, '--json', ...(wheel === undefined ? [] : ['--wheel', wheel])];
const minutes = 30 * 60_000;

interface Result {
  readonly folder: string;
  readonly alreadyBuilt: boolean;
}

interface Finding {
  readonly name: string;
  readonly works: boolean;
  readonly reason?: string;
}

let cache: string;
beforeAll(async () => {
  cache = await mkdtemp(join(tmpdir(), 'patchslim-cache-'));
});
afterAll(() => rm(cache, { recursive: true }));

const inCache = () => ({ env: { XDG_CACHE_HOME: cache } });
const addons = () => join(cache, 'patchslim/tfjs-node');

it(
  'leaves nothing that counts as built when it is killed',
  async () => {
    const { status } = await patchslim(args, {
      ...inCache(),
      whileRunning: (child) => {
        const unpacking = async () =>
          (await filesIn(addons())).some((file) => file.includes('libtensorflow_cc'));
        const hidden = async () =>
          (await readdir(addons(), { recursive: true }).catch(() => [])).some((file) =>
            file.includes('libtensorflow_cc'),
          );
        void when(async () => (await unpacking()) || (await hidden()), child).then(() => endNow(child));
      },
    });
    expect(status).toBe(null);
    expect(await readdir(addons())).toEqual([expect.stringMatching(/^\.patchslim-.*\.tree$/)]);
  },
  minutes,
);

it(
  'builds when it is run again, keeps nothing of the run before, and then has nothing to do',
  async () => {
    const first = await patchslim(args, inCache());
    expect(first.status, first.stderr).toBe(0);
    const { folder, alreadyBuilt } = JSON.parse(first.stdout) as Result;
    expect(alreadyBuilt).toBe(false);
    expect((await readdir(addons())).map((each) => join(addons(), each))).toEqual([folder]);
    expect(JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8'))).toMatchObject({ platform: systemName }); // prettier-ignore
    expect((await filesIn(folder)).filter((file) => /wheels|include/.test(file))).toEqual([]);
    const second = await patchslim(args, inCache());
    expect(JSON.parse(second.stdout)).toMatchObject({ folder, alreadyBuilt: true });
  },
  minutes,
);

it(
  'makes the backend work in doctor, or doctor says that there is no CUDA device',
  async () => {
    const { stdout } = await patchslim(['doctor', '--json'], inCache());
    const { backends } = JSON.parse(stdout) as { readonly backends: readonly Finding[] };
    const { works, reason } = backends.find((backend) => backend.name === name)!;
    if (name === 'tfjs-node') expect({ works, reason }).toEqual({ works: true });
    else if (!works) expect(reason).toMatch(/^tfjs-node-gpu failed to start: no CUDA device: /);
  },
  minutes,
);

it(
  'removes all of it',
  async () => {
    const { status } = await patchslim(['setup', name, '--remove'], inCache());
    expect(status).toBe(0);
    expect(await readdir(addons())).toEqual([]);
  },
  minutes,
);
