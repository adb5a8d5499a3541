/** The folder of `@patchslim/browser` for pages without a bundler: copied unchanged to a server, with all licences. */

import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { builtinModules } from 'node:module';
import { join } from 'node:path';
import { serveFolder } from '@patchslim/testing';
import { parseAst } from 'vite';
import { beforeAll, expect, inject, it } from 'vitest';
import { mainPage, openInChromium } from '../src/open-in-chromium.js';
import { runProgram } from '../src/run-program.js';
import { root } from '../src/workspace-packages.js';

const { tarballs, scratch } = inject('supplies');
const site = join(scratch, 'plain');
const plain = join(site, 'patchslim');

/** Runs in the page without any build step. */
const program = `
import { createSlimWorker } from './patchslim/patchslim.js';

const slimmer = createSlimWorker();
const computed = [];
for (const name of ['tfjs-webgpu', 'wasm']) {
  const { backend, threads, labels } = await slimmer.open({ backends: [name], model: new URL('model/', location.href).href });
  const plan = await slimmer.plan({ schedule: 'budget:0.5' });
  const image = await (await fetch('images/9-ankle-boot/00.png')).blob();
  const { dense } = await slimmer.inspect({ image, plan });
  computed.push([backend, threads > 1, dense[0].label, labels.length]);
}
globalThis.results = { plain: { computed } };
`;

beforeAll(async () => {
  const folder = join(scratch, 'plain-package');
  await mkdir(folder, { recursive: true });
  const { path } = tarballs.find(({ name }) => name === '@patchslim/browser')!;
  await runProgram('tar', ['-xzf', path, '-C', folder, '--strip-components=1'], scratch);
  await cp(join(folder, 'dist/plain'), plain, { recursive: true });
  for (const part of ['model', 'images']) {
    await cp(join(root, 'packages/fashion-vit', part), join(site, part), { recursive: true });
  }
  await writeFile(join(site, 'index.html'), mainPage);
  await writeFile(join(site, 'main.js'), program);
});

it('works as a page script, on the GPU and on WebAssembly threads', async () => {
  const server = await serveFolder(site);
  try {
    const { results, problems } = await openInChromium(server.url, inject('chromium'));
    // The page requests this file, which a model may lack.
    expect(problems.filter((problem) => !problem.endsWith('model/preprocessor_config.json'))).toEqual([]);
    expect(results['plain']!.computed).toEqual([
      ['tfjs-webgpu', false, 'Ankle boot', 10],
      ['wasm', true, 'Ankle boot', 10],
    ]);
    const others = server.requests.filter((path) => /\.(m?js|wasm)$/.test(path));
    const names = ['/main.js', ...(await readdir(plain)).map((name) => `/patchslim/${name}`)];
    expect(names).toEqual(expect.arrayContaining([...new Set(others)]));
  } finally {
    await server.close();
  }
});

it('has no external imports, and none of Node', async () => {
  for (const name of ['patchslim.js', 'worker.js']) {
    const code = await readFile(join(plain, name), 'utf8');
    const imports = parseAst(code).body.filter((part) => 'source' in part && part.source !== null);
    expect(imports, name).toEqual([]);
    const onDemand = [...code.matchAll(/\bimport\("([^"]+)"\)/g)].map(([, path]) => path!);
    expect(
      onDemand.filter((path) => builtinModules.includes(path.replace(/^node:/, ''))),
      name,
    ).toEqual([]);
  }
});

it('lists the bundled packages with their licences', async () => {
  const notices = await readFile(join(plain, 'THIRD-PARTY-NOTICES.txt'), 'utf8');
  for (const name of [
    'onnxruntime-web 1.30.0 (MIT)',
    '@tensorflow/tfjs-core 4.22.0 (Apache-2.0)',
    'zod',
    'seedrandom',
    'long',
  ]) {
    expect(notices).toContain(`\n${name}`);
  }
  expect(notices).toContain('Copyright (c) Microsoft Corporation');
  expect(await readFile(join(plain, 'LICENSE'), 'utf8')).toBe(await readFile(join(root, 'LICENSE'), 'utf8'));
});
