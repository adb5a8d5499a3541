/** Packages in a page: Vite bundles a program for each, and Chromium runs the bundle. */

import { cp, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { serveFolder, type StaticServer } from '@patchslim/testing';
import { createServer } from 'vite';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { createProject } from '../src/fresh-project.js';
import { mainPage, mainProgram, openInChromium } from '../src/open-in-chromium.js';
import { runNode } from '../src/run-program.js';
import { installedFolder, root } from '../src/workspace-packages.js';
import { browserPeers, runsInBrowser } from './browser-packages.js';

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
  await writeFile(join(project, 'index.html'), mainPage);
  await writeFile(join(project, 'main.js'), mainProgram(packages.map(({ id }) => id)));
});
afterAll(() => server?.close());

it('every package for browsers has a program', async () => {
  expect(await readdir(fixtures)).toEqual(expect.arrayContaining(packages.map(({ id }) => `${id}.js`)));
});

it('Vite bundles work in Chromium', async () => {
  const vite = join(installedFolder('vite', root), 'bin/vite.js');
  await runNode([vite, 'build', '--logLevel', 'error'], project);
  server = await serveFolder(join(project, 'dist'));
  const { results, problems } = await openInChromium(server.url, inject('chromium'));
  expect(problems).toEqual([]);
  for (const [id, { computed, expected }] of Object.entries(results)) expect(computed, id).toEqual(expected);
  expect(Object.keys(results)).toEqual(packages.map(({ id }) => id));
});

it("Vite's development server works too", async () => {
  // This package alone has a worker, extra files, and dependencies that Vite must bundle beforehand.
  await writeFile(join(project, 'main.js'), mainProgram(['browser']));
  const vite = await createServer({
    root: project,
    logLevel: 'error',
    server: { port: 0, host: '127.0.0.1', fs: { strict: false } }, // third-party packages are links here
  });
  try {
    await vite.listen();
    const { results, problems } = await openInChromium(vite.resolvedUrls!.local[0]!, inject('chromium'));
    expect(problems).toEqual([]);
    expect(results['browser']!.computed).toEqual(results['browser']!.expected);
  } finally {
    await vite.close();
  }
});
