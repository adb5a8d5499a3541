/** What a bundler for browsers makes of the entries: the runtime in parts of its own, and the .wasm files beside them. */

import { fileURLToPath } from 'node:url';
import { build, defaultClientConditions, type Rollup } from 'vite';
import { expect, it } from 'vitest';

const path = (name: string) => fileURLToPath(new URL(`${name}.ts`, import.meta.url));

it.each([
  ['index', 'createTfjsBackend', 0],
  ['cpu', 'createCpuBackend', 0],
  ['wasm', 'createWasmBackend', 3],
  ['webgpu', 'createWebGpuBackend', 0],
] as const)(
  '%s is bundled by Vite, with nothing of TensorFlow.js before it is opened',
  async (name, exported, files) => {
    const { output } = (await build({
      configFile: false,
      logLevel: 'silent',
      resolve: { conditions: ['@patchslim/source', ...defaultClientConditions] },
      build: {
        write: false,
        minify: false,
        target: 'es2022',
        rollupOptions: { input: path(name), preserveEntrySignatures: 'strict' },
      },
    })) as Rollup.RollupOutput;
    const chunks = output.filter((file) => file.type === 'chunk');
    const first = chunks.find(({ isEntry }) => isEntry)!;
    expect(first.exports).toContain(exported);
    const loadedFirst = [first, ...chunks.filter(({ fileName }) => first.imports.includes(fileName))];
    expect(
      loadedFirst.flatMap(({ moduleIds }) => moduleIds.filter((id) => id.includes('@tensorflow'))),
    ).toEqual([]);
    expect(output.filter(({ fileName }) => fileName.endsWith('.wasm')).length).toBe(files);
  },
);
