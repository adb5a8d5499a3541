/** The list in a browser bundle, with all runtimes installed, including Node's. */

import { fileURLToPath } from 'node:url';
import { bundleForBrowser } from '@patchslim/testing';
import { expect, it } from 'vitest';

it('is bundled by Vite without Node runtimes, and with browser runtimes in separate chunks', async () => {
  const { entry, chunks } = await bundleForBrowser(fileURLToPath(new URL('index.ts', import.meta.url)));
  expect(entry.exports).toContain('pickBackend');
  const packages = chunks.flatMap(({ moduleIds }) =>
    moduleIds.flatMap((id) => /node_modules\/((?:@[\w-]+\/)?[\w-]+)/.exec(id)?.[1] ?? []),
  );
  expect(packages).toEqual(expect.arrayContaining(['onnxruntime-web', '@tensorflow/tfjs-backend-webgpu']));
  const ofNode = ['webgpu', 'onnxruntime-node', '@tensorflow/tfjs-node', '@tensorflow/tfjs-node-gpu'];
  expect(packages.filter((name) => ofNode.includes(name))).toEqual([]);
  expect(entry.moduleIds.filter((id) => /onnxruntime|tensorflow/.test(id))).toEqual([]);
});
