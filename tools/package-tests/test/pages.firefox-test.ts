/** The same programs as in `browser.night.test.ts`, bundled by Vite for production, in Firefox: `npm run on-firefox`. */

import { cp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openFirefox, serveFolder } from '@patchslim/testing';
import { beforeAll, expect, inject, it } from 'vitest';
import { createProject } from '../src/fresh-project.js';
import { mainPage, mainProgram, type Results } from '../src/open-in-chromium.js';
import { runNode } from '../src/run-program.js';
import { installedFolder, root } from '../src/workspace-packages.js';
import { browserPeers, runsInBrowser } from './browser-packages.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** Path of the browser. */
    firefox: string;
  }
}

const supplies = inject('supplies');
const packages = supplies.packages.filter(runsInBrowser);
const ids = packages.map(({ id }) => id);

/** Firefox opens the page, and the page reports. */
const report = `
await fetch('/results', { method: 'POST', body: JSON.stringify(results) });
`;

let results: Results;
beforeAll(async () => {
  const names = packages.map(({ manifest }) => manifest.name);
  const project = await createProject(
    'firefox',
    [...names, ...new Set(packages.flatMap(browserPeers))],
    supplies,
  );
  await cp(join(import.meta.dirname, '../fixtures/browser'), project, { recursive: true });
  await writeFile(join(project, 'index.html'), mainPage);
  await writeFile(join(project, 'main.js'), mainProgram(ids) + report);
  const vite = join(installedFolder('vite', root), 'bin/vite.js');
  await runNode([vite, 'build', '--logLevel', 'error'], project);
  const server = await serveFolder(join(project, 'dist'));
  const close = await openFirefox(inject('firefox'), server.url);
  try {
    results = JSON.parse(await server.posted) as Results;
  } finally {
    await close();
    await server.close();
  }
});

it.each(ids)('%s', (id) => {
  const { computed, expected } = results[id]!;
  expect(computed).toEqual(expected);
});
