/** Missing runtimes, each in a separate process: the error says what to do. */

import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { runChild, withoutRuntimes } from '@patchslim/testing';
import { matching } from '../test/scenarios.js';
import { addonsFolder, manifestName, shortName } from './native-addon.js';
import { createNodeGpuBackend } from './node-gpu.js';
import { isLinux, systemName } from '@patchslim/testing/platform';
import { createNodeBackend } from './node.js';

const packageFolder = fileURLToPath(new URL('..', import.meta.url));
const unavailable = (pattern: RegExp) => ({ code: 'BACKEND_UNAVAILABLE', message: matching(pattern) });

it('without any package of TensorFlow.js, every entry says what to install', async () => {
  await withoutRuntimes(packageFolder, async (folder) => {
    const core = '@tensorflow/tfjs-core @tensorflow/tfjs-backend-';
    expect(await runChild(join(folder, 'test/children/outcomes.ts'))).toMatchObject({
      cpu: unavailable(
        new RegExp(`^tfjs-cpu failed to start: .*; install it with: npm install ${core}cpu$`, 's'),
      ),
      wasm: unavailable(new RegExp(`; install it with: npm install ${core}wasm;`)),
      webgpu: unavailable(new RegExp(`; install it with: npm install ${core}webgpu`)),
      'webgpu-node': unavailable(new RegExp(`; install it with: npm install ${core}webgpu .* webgpu$`)),
      node: unavailable(
        /^tfjs-node: .* is not installed; install it with: npm install @tensorflow\/tfjs-node --ignore-scripts, then build its native part: npx patchslim setup tfjs-node$/,
      ),
      'node-gpu': unavailable(
        /npm install @tensorflow\/tfjs-node-gpu --ignore-scripts, .*: npx patchslim setup tfjs-node-gpu$/,
      ),
    });
  });
});

describe.each([
  ['@tensorflow/tfjs-node', createNodeBackend],
  ['@tensorflow/tfjs-node-gpu', createNodeGpuBackend],
] as const)('%s', (packageName, open) => {
  const folder = dirname(createRequire(import.meta.url).resolve(`${packageName}/package.json`));
  const short = shortName(packageName);
  let cache: string;
  beforeEach(async () => {
    cache = await mkdtemp(join(tmpdir(), 'patchslim-cache-'));
    vi.stubEnv('XDG_CACHE_HOME', cache);
    onTestFinished(() => (vi.unstubAllEnvs(), rm(cache, { recursive: true })));
  });

  /** As `patchslim setup` leaves it, but without an addon. */
  const writeBuild = async (manifest: object): Promise<void> => {
    const place = join(await addonsFolder(), 'one');
    await mkdir(place, { recursive: true });
    await writeFile(join(place, manifestName), JSON.stringify(manifest));
  };
  const manifest = {
    ...{ format: 1, package: packageName, packageVersion: '4.22.0', tensorflow: '2.21.0' },
    ...{ cuda: null, platform: systemName, napi: 8, built: '2026-01-01T00:00:00.000Z' },
  };

  // The package has a native part of its own where npm may run scripts.
  describe.skipIf(existsSync(join(folder, 'lib')))('without a native part of its own', () => {
    it.each([
      ['nothing built', undefined],
      ['a manifest that is no record of a build', { ...manifest, napi: 'eight' }],
      ['a build for another system', { ...manifest, platform: 'plan9-mips' }],
    ])('and %s says how to build it', async (_, other) => {
      if (other) await writeBuild(other);
      await expect(open()).rejects.toMatchObject(
        unavailable(
          new RegExp(
            `^${short}: the native part of ${packageName} .* is missing; build it with: npx patchslim setup ${short}$`,
          ),
        ),
      );
    });

    it.each([
      ['version', { ...manifest, packageVersion: '4.0.0' }, / was built for .* 4\.0\.0 .*, but 4\./],
      [
        'Node',
        { ...manifest, napi: 1000 },
        / was built for .* Node-API 1000, but .* build it anew: npx patchslim/,
      ],
    ])('and an addon for another %s says so', async (_, other, message) => {
      await writeBuild(other);
      await expect(open()).rejects.toMatchObject(unavailable(message));
    });
  });
});

it('without the .wasm files, WASM says how to set their location', async () => {
  expect(await runChild(join(packageFolder, 'test/children/wasm-nowhere.ts'))).toMatchObject(
    unavailable(/^tfjs-wasm failed to start: .*; in a browser, wasmPaths says where the \.wasm files are$/s),
  );
});

it('without a browser or a GPU, WebGPU lists its requirements', async () => {
  const outcomes = await runChild(join(packageFolder, 'test/children/outcomes.ts'), {
    VK_DRIVER_FILES: '/nowhere',
  });
  expect(outcomes).toMatchObject({ cpu: 'open', wasm: 'open' });
  expect(outcomes).toMatchObject({
    webgpu: unavailable(/^tfjs-webgpu failed to start: .*; it needs a browser with WebGPU/),
  });
  // Only on Linux can a GPU be hidden.
  if (isLinux) {
    expect(outcomes).toMatchObject({
      'webgpu-node': unavailable(/^tfjs-webgpu failed to start: .*adapter.*; it needs a GPU and its driver/),
    });
  }
});
