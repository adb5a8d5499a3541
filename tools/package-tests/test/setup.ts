/** Packs all packages once, for all tests. */

import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import type { Supplies } from '../src/fresh-project.js';
import { packPackages } from '../src/pack-packages.js';
import { readPackages, root } from '../src/workspace-packages.js';

declare module 'vitest' {
  interface ProvidedContext {
    supplies: Supplies;
    chromium: { executablePath: string | undefined; args: string[] };
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  // The real path, because with links every path in a project would look external.
  const scratch = await mkdtemp(join(await realpath(tmpdir()), 'patchslim-packages-'));
  const remove = (): Promise<void> => rm(scratch, { recursive: true, force: true });
  try {
    if (scratch.startsWith(root)) throw new Error(`${scratch}: projects would see the workspace's modules`);
    const packages = await readPackages();
    const tarballs = await packPackages(packages, join(scratch, 'tarballs'));
    project.provide('supplies', { packages, tarballs, scratch });
    return remove;
  } catch (error) {
    await remove();
    throw error;
  }
}
