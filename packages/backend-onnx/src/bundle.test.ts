/** What a bundler for browsers makes of this package: onnxruntime-web comes along, onnxruntime-node does not. */

import { fileURLToPath } from 'node:url';
import { build, defaultClientConditions, type Rollup } from 'vite';
import { expect, it } from 'vitest';

const entry = fileURLToPath(new URL('index.ts', import.meta.url));

it('is bundled by Vite with onnxruntime-web in parts of its own, loaded on demand', async () => {
  const { output } = (await build({
    configFile: false,
    logLevel: 'silent',
    resolve: { conditions: ['@patchslim/source', ...defaultClientConditions] },
    build: {
      write: false,
      minify: false,
      target: 'es2022',
      rollupOptions: { input: entry, preserveEntrySignatures: 'strict' },
    },
  })) as Rollup.RollupOutput;
  const chunks = output.filter((file) => file.type === 'chunk');
  const first = chunks.find(({ isEntry }) => isEntry)!;
  expect(first.exports).toContain('createOnnxWebBackend');
  const named = (pattern: RegExp) => output.filter(({ fileName }) => pattern.test(fileName)).length;
  expect(named(/ort\.wasm.*\.js$/)).toBe(1);
  expect(named(/ort\.webgpu.*\.js$/)).toBe(1);
  expect(named(/\.wasm$/)).toBe(2);
  expect(first.imports.filter((path) => /onnxruntime|ort\./.test(path))).toEqual([]);
  const modules = chunks.flatMap(({ moduleIds }) => moduleIds);
  expect(modules.filter((id) => id.includes('onnxruntime-node'))).toEqual([]);
});
