/** The package in a browser bundle: it includes onnxruntime-web, but not onnxruntime-node. */

import { fileURLToPath } from 'node:url';
import { bundleForBrowser } from '@patchslim/testing';
import { expect, it } from 'vitest';

it('is bundled by Vite with onnxruntime-web in separate chunks, loaded on demand', async () => {
  const { entry, chunks, fileNames } = await bundleForBrowser(
    fileURLToPath(new URL('index.ts', import.meta.url)),
  );
  expect(entry.exports).toContain('createOnnxWebBackend');
  const named = (pattern: RegExp) => fileNames.filter((name) => pattern.test(name)).length;
  expect(named(/ort\.wasm.*\.js$/)).toBe(1);
  expect(named(/ort\.webgpu.*\.js$/)).toBe(1);
  expect(named(/\.wasm$/)).toBe(2);
  expect(entry.imports.filter((path) => /onnxruntime|ort\./.test(path))).toEqual([]);
  const modules = chunks.flatMap(({ moduleIds }) => moduleIds);
  expect(modules.filter((id) => id.includes('onnxruntime-node'))).toEqual([]);
});
