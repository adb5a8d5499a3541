// dist/plain: files for a page without a bundler. Two self-contained scripts, the files that ONNX Runtime loads, and
// all licences.
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { builtinModules, createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { thirdPartyNotices } from './notices.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const out = join(root, 'dist/plain');
const runtime = dirname(createRequire(import.meta.url).resolve('onnxruntime-web/wasm'));
const runtimeFiles = ['ort-wasm-simd-threaded.mjs', 'ort-wasm-simd-threaded.wasm'];

/** Modules of Node are imported on demand, only in Node: here they are empty. */
const withoutNode = {
  name: 'without-node',
  setup(building) {
    const filter = new RegExp(`^(node:)?(${builtinModules.join('|')})$`);
    building.onResolve({ filter }, ({ path }) => ({ path, namespace: 'empty' }));
    building.onLoad({ filter: /.*/, namespace: 'empty' }, () => ({ contents: 'export {};' }));
  },
};

await mkdir(out, { recursive: true });
const { metafile } = await build({
  absWorkingDir: root,
  entryPoints: { patchslim: 'dist/index.js', worker: 'dist/worker.js' },
  outdir: out,
  bundle: true,
  format: 'esm',
  target: 'es2022',
  platform: 'browser',
  conditions: ['onnxruntime-web-use-extern-wasm'], // threads load the .mjs file, not the whole worker again
  minify: true,
  legalComments: 'eof',
  metafile: true,
  logLevel: 'warning',
  logOverride: { 'ignored-bare-import': 'silent' }, // what tsup leaves of imports of types
  plugins: [withoutNode],
  // Imported on demand by backends that are not in this folder: those of Node, 'webgpu' and 'tfjs-wasm'.
  external: [
    ...['sharp', 'webgpu', 'onnxruntime-node', 'onnxruntime-web/webgpu'],
    ...['backend-wasm', 'node', 'node-gpu'].map((name) => `@tensorflow/tfjs-${name}`),
  ],
});
for (const name of runtimeFiles) await copyFile(join(runtime, name), join(out, name));
await copyFile(join(root, 'LICENSE'), join(out, 'LICENSE'));
const inside = Object.values(metafile.outputs).flatMap(({ inputs }) =>
  Object.keys(inputs).filter((file) => !file.startsWith('(disabled)') && inputs[file].bytesInOutput > 0),
);
const notices = await thirdPartyNotices(inside, root);
await writeFile(join(out, 'THIRD-PARTY-NOTICES.txt'), notices);
