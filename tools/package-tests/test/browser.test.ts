/** Packages in a page: Vite bundles a program for each, and Chromium runs what Vite made. */

import { cp, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { serveFolder, type StaticServer } from '@patchslim/testing';
import { chromium } from 'playwright';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { createProject } from '../src/fresh-project.js';
import { runNode } from '../src/run-program.js';
import { installedFolder, root } from '../src/workspace-packages.js';
import { browserPeers, runsInBrowser } from './browser-packages.js';
import { bundleSize } from './bundle-size.js';

const supplies = inject('supplies');
const packages = supplies.packages.filter(runsInBrowser);
const fixtures = join(import.meta.dirname, '../fixtures/browser');

let project: string;
let server: StaticServer | undefined;
beforeAll(async () => {
  const names = packages.map(({ manifest }) => manifest.name);
  const peers = packages.flatMap(browserPeers);
  project = await createProject('vite', [...names, ...new Set(peers)], supplies);
  await cp(fixtures, project, { recursive: true });
  await writeFile(
    join(project, 'index.html'),
    '<!doctype html><script type="module" src="/main.js"></script>',
  );
  await writeFile(join(project, 'main.js'), mainProgram(packages.map(({ id }) => id)));
});
afterAll(() => server?.close());

it('there is a program for every package that runs in browsers', async () => {
  expect(await readdir(fixtures)).toEqual(expect.arrayContaining(packages.map(({ id }) => `${id}.js`)));
});

it('what Vite bundles computes in Chromium', async () => {
  const vite = join(installedFolder('vite', root), 'bin/vite.js');
  await runNode([vite, 'build', '--logLevel', 'error'], project);
  server = await serveFolder(join(project, 'dist'));
  const { results, problems } = await visit(server.url);
  expect(problems).toEqual([]);
  for (const [id, { computed, expected }] of Object.entries(results)) expect(computed, id).toEqual(expected);
  expect(Object.keys(results)).toEqual(packages.map(({ id }) => id));
});

it('bundles are of a size to be told', async () => {
  const peers = packages.flatMap(({ manifest }) => Object.keys(manifest.peerDependencies ?? {}));
  for (const one of packages) {
    const { own, whole } = await bundleSize(one, peers, project);
    console.log(`${one.id}: ${kilobytes(own)} gzip, with what it imports ${kilobytes(whole)}`);
    expect(own).toBeGreaterThan(0);
    expect(whole).toBeGreaterThanOrEqual(own);
  }
});

const kilobytes = (bytes: number): string => `${(bytes / 1000).toFixed(1)} kB`;

type Results = Record<string, { computed: unknown; expected: unknown }>;

/** Opens the page, waits for its results, and gives them with everything that it complained of. */
async function visit(url: string): Promise<{ results: Results; problems: string[] }> {
  const { executablePath, args } = inject('chromium');
  if (!executablePath) throw new Error('no Chromium: npm test installs it on Debian; else set CHROME_PATH');
  const browser = await chromium.launch({ executablePath, args });
  try {
    const page = await browser.newPage();
    const problems: string[] = [];
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('requestfailed', (request) => problems.push(`not loaded: ${request.url()}`));
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) problems.push(message.text());
    });
    await page.goto(url);
    const done = await page.waitForFunction(() => (globalThis as { results?: Results }).results, undefined, {
      timeout: 120_000,
    });
    return { results: (await done.jsonValue())!, problems };
  } finally {
    await browser.close();
  }
}

/** Runs the programs in turn; what fails is a result too. */
function mainProgram(ids: readonly string[]): string {
  const imports = ids.map((id, i) => `import * as program${i} from './${id}.js';`);
  const entries = ids.map((id, i) => `['${id}', program${i}]`);
  return `${imports.join('\n')}
const results = {};
for (const [id, { compute, expected }] of [${entries.join(', ')}]) {
  try {
    results[id] = { computed: await compute(), expected };
  } catch (error) {
    results[id] = { computed: String(error.stack ?? error), expected };
  }
}
globalThis.results = results;
`;
}
