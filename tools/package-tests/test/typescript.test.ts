/** Every package in the two common kinds of TypeScript project; declarations are checked too. */

import { cp, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, inject, it } from 'vitest';
import { createProject } from '../src/fresh-project.js';
import { runNode } from '../src/run-program.js';
import {
  entryPoints,
  installedFolder,
  optionalPeers,
  root,
  type WorkspacePackage,
} from '../src/workspace-packages.js';
import { runsInBrowser, typedForBrowser } from './browser-packages.js';

const supplies = inject('supplies');
const fixtures = join(import.meta.dirname, '../fixtures/typescript');
const tsc = join(installedFolder('typescript', root), 'bin/tsc');

const strict = { strict: true, skipLibCheck: false, noEmit: true, target: 'es2022' };
// `@types/long` is a dependency of @tensorflow/tfjs-core, which is linked here without its dependencies.
const projects = [
  {
    title: 'nodenext, in Node with all optional peers',
    id: 'nodenext',
    options: { module: 'nodenext' },
    others: ['@types/node', '@types/long'],
    takes: () => true,
    browser: false,
  },
  {
    title: 'bundler, for browsers without optional peers and Node types',
    id: 'bundler',
    options: { module: 'esnext', moduleResolution: 'bundler', lib: ['es2023', 'dom', 'dom.iterable'] },
    others: ['@types/long'],
    takes: runsInBrowser,
    browser: true,
  },
  {
    title: 'bundler, in Node, for packages that need it',
    id: 'bundler-node',
    options: { module: 'esnext', moduleResolution: 'bundler', lib: ['es2023'] },
    others: ['@types/node', '@types/long'],
    takes: (one: WorkspacePackage) => !runsInBrowser(one),
    browser: false,
  },
];

it('every package has a program for the type checker', async () => {
  const programs = (await readdir(fixtures)).map((file) => file.replace(/\.ts$/, '')).sort();
  expect(programs).toEqual(supplies.packages.map(({ id }) => id));
});

it.each(projects)('$title', async ({ id, options, others, takes, browser }) => {
  const packages = supplies.packages.filter(takes);
  const peers = browser ? [] : packages.flatMap(({ manifest }) => optionalPeers(manifest));
  const names = packages.map(({ manifest }) => manifest.name);
  const project = await createProject(`typescript-${id}`, [...names, ...others, ...new Set(peers)], supplies);
  for (const one of packages) await cp(join(fixtures, `${one.id}.ts`), join(project, `${one.id}.ts`));
  const imports = packages
    .flatMap(({ manifest }) => entryPoints(manifest))
    .filter((entry) => !browser || typedForBrowser(entry))
    .map((path, i) => `export * as entry${i} from '${path}';`);
  await writeFile(join(project, 'all.ts'), imports.join('\n'));
  const config = { compilerOptions: { ...strict, ...options }, include: ['*.ts'] };
  await writeFile(join(project, 'tsconfig.json'), JSON.stringify(config));
  const { stdout } = await runNode([tsc, '-p', '.', '--pretty', 'false'], project);
  expect(stdout).toBe('');
});
