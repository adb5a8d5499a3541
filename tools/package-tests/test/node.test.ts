/**
 * Every package in Node, installed from tarballs as its README says, without other packages. Its program runs
 * unchanged, `import` and `require` of every entry point have the same exports, and nothing comes from this workspace.
 */

import { writeFile } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { nightly } from '@patchslim/testing/by-day';
import { createProject } from '../src/fresh-project.js';
import { firstProgram, namesToInstall, readReadme } from '../src/readme.js';
import { runNode } from '../src/run-program.js';
import { entryPoints } from '../src/workspace-packages.js';
import { createReadmeData, type ReadmeData } from './readme-data.js';

const supplies = inject('supplies');

let data: ReadmeData;
beforeAll(async () => {
  data = await createReadmeData(join(supplies.scratch, 'readme-data'));
});
afterAll(() => data?.close());

describe.each(supplies.packages)('$manifest.name', (one) => {
  const { name } = one.manifest;
  let project: string;
  beforeAll(async () => {
    const names = namesToInstall(await readReadme(one));
    expect(names, 'packages that the README installs').toContain(name);
    project = await createProject(`node-${one.id}`, names, supplies);
  });

  it('is installed completely, and import and require of its entry points are equal', async () => {
    const modules = join(project, 'node_modules');
    await writeFile(join(project, 'probe.cjs'), probe(entryPoints(one.manifest)));
    const { stdout } = await runNode(['probe.cjs'], project);
    for (const { path, file, required, imported } of JSON.parse(stdout) as Probed[]) {
      expect(file).toContain(join(modules, one.manifest.name, 'dist') + sep);
      expect(imported, path).not.toEqual([]);
      expect(required, path).toEqual(imported);
    }
  });

  // By day only the programs that use most packages; each takes seconds.
  const own = nightly || name === 'patchslim' || name === '@patchslim/slimming' ? it : undefined;
  own?.('runs the program of its README', async () => {
    const program = firstProgram(await readReadme(one));
    expect(program, 'a block of js in the README').toBeDefined();
    await writeFile(join(project, 'program.mjs'), program!);
    await data.addImages(project);
    const { stdout } = await runNode(['program.mjs'], project, data.variables);
    expect(stdout).not.toBe('');
  });

  for (const command of Object.keys(one.manifest.bin ?? {})) {
    it(`installs the command ${command}`, async () => {
      const { stdout } = await runNode([join('node_modules/.bin', command), '--help'], project);
      expect(stdout).toContain(command);
    });
  }
});

interface Probed {
  readonly path: string;
  readonly file: string;
  /** Names of the exports. */
  readonly required: readonly string[];
  readonly imported: readonly string[];
}

/** A CommonJS program that loads entry points both ways. `require` fails if a module has a top-level await. */
const probe = (paths: readonly string[]): string => `
const probed = ${JSON.stringify(paths)}.map(async (path) => {
  const [file, required] = [require.resolve(path), Object.keys(require(path))];
  return { path, file, required, imported: Object.keys(await import(path)) };
});
Promise.all(probed).then((all) => console.log(JSON.stringify(all)));
`;
