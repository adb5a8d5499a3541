/** The page of versions is what the runs say, and says what failed. */

import { join } from 'node:path';
import { runQuietly } from '@patchslim/testing/platform';
import { fetchPackage, nodeVersions, typescriptVersions } from '@patchslim/testing/runtimes';
import { expect, it } from 'vitest';
import { readRuns, renderVersionsPage, versionsPage } from '../scripts/versions-page.js';
import { readPage, root } from './pages.js';

const runs = await readRuns();
const all = [...runs].flatMap(([file, { sets }]) =>
  Object.entries(sets).map(([set, run]) => ({ file, set, ...run })),
);

it('guide/versions.md has the results in docs/runs', async () => {
  expect(await renderVersionsPage()).toBe(await readPage(versionsPage.slice(root.length)));
});

it.each(all)('$file, $set: tells version, date and command, and counts every test once', (run) => {
  expect(run.runtime).toMatch(/\d+\.\d+/);
  expect(run.date).toMatch(/^\d{4}-\d\d-\d\d$/);
  expect(run.command).toMatch(/^node tools\/scripts\//);
  expect(run.passed).toBeGreaterThan(0);
  for (const count of ['passed', 'failed', 'skipped'] as const) {
    expect(run.parts.reduce((sum, part) => sum + part[count], 0)).toBe(run[count]);
  }
  expect(run.failures).toHaveLength(run.failed);
});

it('every promised version of Node, TypeScript and Firefox was tried', () => {
  const versions = all.map(({ runtime }) => runtime);
  const parts = all.flatMap(({ parts }) => parts.map(({ name }) => name));
  for (const { version } of Object.values(nodeVersions)) expect(versions).toContain(`Node ${version}`);
  for (const { version } of Object.values(typescriptVersions)) {
    expect(parts).toContain(`TypeScript ${version}`);
  }
  expect(versions.some((runtime) => runtime.startsWith('Firefox'))).toBe(true);
});

it.each([
  ['no version', ['all'], /expected versions of Node: 20, 22, 24/],
  ['no tests', ['22'], /expected all, command-line/],
  ['a set and a part of a path', ['22', 'all', 'packages/tensor'], /packages\/tensor: expected all/],
])('on-node refuses %s', async (_, words, message) => {
  const script = join(root, 'tools/scripts/on-node.mjs');
  await expect(runQuietly(process.execPath, [script, ...words])).rejects.toThrow(message);
});

it('a package with another hash than the known one is not taken', async () => {
  const wanted = { name: 'ms', version: '2.1.3', integrity: 'sha512-another' };
  await expect(fetchPackage(wanted)).rejects.toThrow(/ms@2\.1\.3: expected sha512-another, got sha512-/);
  await expect(fetchPackage(wanted)).rejects.toThrow('got sha512-'); // it is not in the cache either
});
