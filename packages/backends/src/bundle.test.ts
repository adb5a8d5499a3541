/** What a bundler for browsers makes of the list where every runtime is installed, those of Node too. */

import { fileURLToPath } from 'node:url';
import { bundleForBrowser } from '@patchslim/testing';
import { expect, it } from 'vitest';

it('is bundled by Vite without runtimes of Node, and with those of browsers in parts of their own', async () => {
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
