/**
 * Adds a score and a reducer to a copy of the packages' sources, with one file and one table line each. Without other
 * changes, they must work everywhere.
 */

import { appendFile, cp, mkdir, mkdtemp, readdir, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { patchslim } from '@patchslim/browser/vite';
import { serveFolder } from '@patchslim/testing';
import { link } from '@patchslim/testing/platform';
import { build, defaultClientConditions } from 'vite';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { mainPage, mainProgram, openInChromium } from '../src/open-in-chromium.js';
import { runNode } from '../src/run-program.js';
import { root } from '../src/workspace-packages.js';

const sampleScore = `
import { mean } from '@patchslim/tensor';
import { defineScore } from './score.js';

export const sampleScore = defineScore({
  name: 'sample-score',
  summary: "mean of the token's features",
  reads: ['input'],
  ofBlock: ({ tokens }) => mean(tokens, -1),
});
`;
const sampleReducer = `
import { mul, neg, sum } from '@patchslim/tensor';
import { prefixTokens } from '@patchslim/vit-models';
import { defineReducer } from '../define-reducer.js';
import { topRows } from '../parts/top-rows.js';

export const sampleReducer = defineReducer({
  name: 'sample-reducer',
  summary: 'keeps the shortest tokens',
  behaviour: () => ({
    phase: 'before-queries',
    needsAttention: false,
    merges: false,
    least: (config) => prefixTokens(config),
    reduce: (view, count) => topRows(neg(sum(mul(view.tokens, view.tokens), -1)), count, view),
    macs: (config, rowsIn) => rowsIn * config.width,
  }),
});
`;
const fixtures = join(import.meta.dirname, '../fixtures');

let copy: string;
beforeAll(async () => {
  copy = await mkdtemp(join(await realpath(tmpdir()), 'patchslim-extend-'));
  await copyPackages(copy);
  const [scores, reducers] = ['importance-estimators', 'token-reducers'].map((name) =>
    join(copy, 'packages', name, 'src'),
  );
  await writeFile(join(scores!, 'sample-score.ts'), sampleScore);
  await appendFile(join(scores!, 'list.ts'), "export { sampleScore } from './sample-score.js';\n");
  await writeFile(join(reducers!, 'reducers/sample-reducer.ts'), sampleReducer);
  await appendFile(
    join(reducers!, 'list.ts'),
    "export { sampleReducer } from './reducers/sample-reducer.js';\n",
  );
});
afterAll(() => rm(copy, { recursive: true, force: true }));

it('works in slim, compare, the plan format, the cost table and ONNX export', async () => {
  await copyPrograms(copy);
  const { stdout } = await runNode(['--conditions=@patchslim/source', '--import', 'tsx', 'in-node.js'], copy);
  const result = JSON.parse(stdout) as Record<string, unknown>;
  expect(result).toEqual({
    compared: ['sample-reducer', 'top-k:score=sample-score', 'patch-slimming:score=sample-score'],
    readBack: [true, true, true],
    // The reducer's own MACs: 64 for each of the 17 and 9 rows that reach blocks 2 and 3.
    reducing: [0, 1088, 576, 0],
    exported: [true, true, true],
  });
});

it('works in a browser', async () => {
  const page = join(copy, 'page');
  await copyPrograms(page);
  await writeFile(join(page, 'index.html'), mainPage);
  await writeFile(join(page, 'main.js'), mainProgram(['in-browser']));
  await build({
    configFile: false,
    logLevel: 'error',
    root: page,
    resolve: { conditions: ['@patchslim/source', ...defaultClientConditions] },
    plugins: [patchslim()],
    build: { outDir: join(copy, 'site'), target: 'es2022' },
  });
  const server = await serveFolder(join(copy, 'site'));
  try {
    const { results, problems } = await openInChromium(server.url, inject('chromium'));
    expect(problems).toEqual([]);
    expect(results['in-browser']!.computed).toEqual(results['in-browser']!.expected);
  } finally {
    await server.close();
  }
});

async function copyPrograms(folder: string): Promise<void> {
  await cp(join(fixtures, 'extend'), folder, { recursive: true });
  await cp(join(fixtures, 'browser/small-model.js'), join(folder, 'small-model.js'));
}

/** Copies the sources of all packages, and links their third-party dependencies. */
async function copyPackages(folder: string): Promise<void> {
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
  for (const name of await readdir(join(root, 'packages'))) {
    const from = join(root, 'packages', name);
    await cp(from, join(folder, 'packages', name), {
      recursive: true,
      filter: (path) =>
        !/[\\/](node_modules|dist|test|bench|test-results|tsconfig[^\\/]*)([\\/]|$)/.test(
          path.slice(from.length),
        ),
    });
  }
  const modules = join(folder, 'node_modules');
  const linkModule = async (name: string, target: string): Promise<void> => {
    await mkdir(dirname(join(modules, name)), { recursive: true });
    await link(target, join(modules, name));
  };
  for (const name of await readdir(join(root, 'node_modules'))) {
    if (name === '@patchslim' || name === 'patchslim' || name.startsWith('.')) continue;
    await linkModule(name, join(root, 'node_modules', name));
  }
  for (const name of await readdir(join(folder, 'packages'))) {
    await linkModule(name === 'patchslim' ? name : `@patchslim/${name}`, join(folder, 'packages', name));
  }
}
