/**
 * Every package in the common kinds of TypeScript project; declarations are checked too. `npm test` tries the oldest
 * TypeScript that we promise in one project, `npm run test:nightly` all in all.
 */

import { cp, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { nightly } from '@patchslim/testing';
import { fetchPackage, typescriptVersions } from '@patchslim/testing/runtimes';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { createProject } from '../src/fresh-project.js';
import { runNode } from '../src/run-program.js';
import {
  entryPoints,
  installedFolder,
  optionalPeers,
  readManifest,
  root,
  type WorkspacePackage,
} from '../src/workspace-packages.js';
import { runsInBrowser, typedForBrowser } from './browser-packages.js';

const supplies = inject('supplies');
const fixtures = join(import.meta.dirname, '../fixtures/typescript');
const newest = installedFolder('typescript', root);
const { version: newestVersion } = await readManifest(newest);

const strict = { strict: true, skipLibCheck: false, noEmit: true, target: 'es2022' };
interface ProjectKind {
  readonly title: string;
  readonly id: string;
  readonly options: object;
  /** Further packages to install. */
  readonly others: readonly string[];
  readonly takes: (one: WorkspacePackage) => boolean;
  readonly browser: boolean;
  /** Whether `npm test` tries it, with the oldest version. The nightly run tries all with all. */
  readonly daily: boolean;
}

// `@types/long` is a dependency of @tensorflow/tfjs-core, which is linked here without its dependencies.
const allProjects: readonly ProjectKind[] = [
  {
    title: 'nodenext, in Node with all optional peers',
    id: 'nodenext',
    options: { module: 'nodenext' },
    others: ['@types/node', '@types/long'],
    takes: () => true,
    browser: false,
    daily: true,
  },
  {
    title: 'bundler, for browsers without optional peers and Node types',
    id: 'bundler',
    options: { module: 'esnext', moduleResolution: 'bundler', lib: ['es2023', 'dom', 'dom.iterable'] },
    others: ['@types/long'],
    takes: runsInBrowser,
    browser: true,
    daily: false,
  },
  {
    title: 'bundler, in Node, for packages that need it',
    id: 'bundler-node',
    options: { module: 'esnext', moduleResolution: 'bundler', lib: ['es2023'] },
    others: ['@types/node', '@types/long'],
    takes: (one: WorkspacePackage) => !runsInBrowser(one),
    browser: false,
    daily: false,
  },
];

const projects = allProjects.filter(({ daily }) => nightly || daily);

it('every package has a program for the type checker', async () => {
  const programs = (await readdir(fixtures)).map((file) => file.replace(/\.ts$/, '')).sort();
  expect(programs).toEqual(supplies.packages.map(({ id }) => id));
});

describe.each(projects)('$title', ({ id, options, others, takes, browser }) => {
  let project: string;
  beforeAll(async () => {
    const packages = supplies.packages.filter(takes);
    const peers = browser ? [] : packages.flatMap(({ manifest }) => optionalPeers(manifest));
    const names = packages.map(({ manifest }) => manifest.name);
    project = await createProject(`typescript-${id}`, [...names, ...others, ...new Set(peers)], supplies);
    for (const one of packages) await cp(join(fixtures, `${one.id}.ts`), join(project, `${one.id}.ts`));
    const imports = packages
      .flatMap(({ manifest }) => entryPoints(manifest))
      .filter((entry) => !browser || typedForBrowser(entry))
      .map((path, i) => `export * as entry${i} from '${path}';`);
    await writeFile(join(project, 'all.ts'), imports.join('\n'));
    const config = { compilerOptions: { ...strict, ...options }, include: ['*.ts'] };
    await writeFile(join(project, 'tsconfig.json'), JSON.stringify(config));
  });

  const check = async (typescript: string): Promise<void> => {
    const { stdout } = await runNode([join(typescript, 'bin/tsc'), '-p', '.', '--pretty', 'false'], project);
    expect(stdout).toBe('');
  };

  if (nightly) it(`TypeScript ${newestVersion}`, () => check(newest));

  const [oldest, ...newer] = Object.values(typescriptVersions);
  for (const { version, integrity } of [oldest!, ...(nightly ? newer : [])]) {
    it(`TypeScript ${version}`, async () =>
      check(await fetchPackage({ name: 'typescript', version, integrity })));
  }
});
