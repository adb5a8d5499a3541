/** Builds the test page once, with Vite and the plugin of this package, from source. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, defaultClientConditions } from 'vite';
import type { TestProject } from 'vitest/node';
import { patchslim } from '../src/vite.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** Folder of the page. */
    site: string;
    chromium: { executablePath: string | undefined; args: string[] };
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const site = await mkdtemp(join(tmpdir(), 'patchslim-page-'));
  await build({
    configFile: false,
    logLevel: 'warn',
    root: fileURLToPath(new URL('page', import.meta.url)),
    resolve: { conditions: ['@patchslim/source', ...defaultClientConditions] },
    plugins: [patchslim()],
    build: { outDir: site, emptyOutDir: true, target: 'es2022' },
  });
  project.provide('site', site);
  return () => rm(site, { recursive: true, force: true });
}
