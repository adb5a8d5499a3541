/** The entries in a browser bundle: the runtime in separate chunks, with the .wasm files next to them. */

import { fileURLToPath } from 'node:url';
import { bundleTogether, type Bundle } from '@patchslim/testing';
import { beforeAll, expect, it } from 'vitest';

const entries = [
  ['index', 'createTfjsBackend', 0],
  ['cpu', 'createCpuBackend', 0],
  ['wasm', 'createWasmBackend', 3],
  ['webgpu', 'createWebGpuBackend', 0],
] as const;

let bundles: Record<string, Bundle>;
beforeAll(async () => {
  const path = (name: string) => fileURLToPath(new URL(`${name}.ts`, import.meta.url));
  bundles = await bundleTogether(Object.fromEntries(entries.map(([name]) => [name, path(name)])));
});

it.each(entries)('%s is bundled by Vite and loads TensorFlow.js only on opening', (name, exported, files) => {
  const { entry, chunks, fileNames } = bundles[name]!;
  expect(entry.exports).toContain(exported);
  const loadedFirst = [entry, ...chunks.filter(({ fileName }) => entry.imports.includes(fileName))];
  expect(
    loadedFirst.flatMap(({ moduleIds }) => moduleIds.filter((id) => id.includes('@tensorflow'))),
  ).toEqual([]);
  expect(fileNames.filter((fileName) => fileName.endsWith('.wasm')).length).toBe(files);
});
