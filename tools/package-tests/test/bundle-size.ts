/** What a package adds to a page when all of it is used. Runtimes, which are peers, are left out: they are theirs to tell. */

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build, type Rollup } from 'vite';
import type { WorkspacePackage } from '../src/workspace-packages.js';

/**
 * Bytes of its main entry point, minified and zipped: its own code, and with everything that it imports but peers.
 *
 * @param peers names that no package brings along
 * @param project a folder where the package is installed
 */
export async function bundleSize(
  { id, manifest }: WorkspacePackage,
  peers: readonly string[],
  project: string,
): Promise<{ readonly own: number; readonly whole: number }> {
  const entry = join(project, 'whole-package.js');
  await writeFile(entry, `export * from '${manifest.name}';`);
  const output = (await build({
    root: project,
    configFile: false,
    logLevel: 'error',
    worker: { format: 'es' },
    build: {
      write: false,
      rollupOptions: {
        input: entry,
        external: (file) => peers.some((name) => file === name || file.startsWith(`${name}/`)),
        preserveEntrySignatures: 'strict',
        output: { manualChunks: (file) => /@patchslim\/([\w-]+)/.exec(file)?.[1] ?? 'others' },
      },
    },
  })) as Rollup.RollupOutput;
  const chunks = output.output.filter((chunk) => chunk.type === 'chunk');
  const zipped = chunks.map(({ name, code }) => ({ name, bytes: gzipSync(code).length }));
  const total = (some: typeof zipped): number => some.reduce((sum, { bytes }) => sum + bytes, 0);
  return { own: total(zipped.filter(({ name }) => name === id)), whole: total(zipped) };
}
