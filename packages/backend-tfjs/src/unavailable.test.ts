/** Missing runtimes, each in a separate process: the error says what to do. */

import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { runChild, withoutRuntimes } from '@patchslim/testing';
import { matching } from '../test/scenarios.js';
import { createNodeGpuBackend } from './node-gpu.js';
import { isLinux } from '@patchslim/testing/platform';
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
        /^tfjs-node: .* is not installed; install it with: npm install @tensorflow\/tfjs-node --ignore-scripts=false$/,
      ),
      'node-gpu': unavailable(
        /; install it with: npm install @tensorflow\/tfjs-node-gpu --ignore-scripts=false$/,
      ),
    });
  });
});

describe.each([
  ['@tensorflow/tfjs-node', createNodeBackend],
  ['@tensorflow/tfjs-node-gpu', createNodeGpuBackend],
] as const)('%s', (packageName, open) => {
  const folder = dirname(createRequire(import.meta.url).resolve(`${packageName}/package.json`));

  // If it is installed, run the conformance suite: npm test -- --backend=tfjs-node or tfjs-node-gpu.
  it.skipIf(existsSync(join(folder, 'lib')))('without its native part says how to install it', async () => {
    await expect(open()).rejects.toMatchObject(
      unavailable(
        new RegExp(
          `the native part of ${packageName} is not installed; install it with: npm rebuild ${packageName} --ignore-scripts=false$`,
        ),
      ),
    );
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
