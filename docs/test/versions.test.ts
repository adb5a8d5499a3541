/** The page of versions is what the runs say, and says what failed. */

import { expect, it } from 'vitest';
import { nodeVersions, typescriptVersions } from '@patchslim/testing/runtimes';
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

it('every version that is promised was tried', () => {
  const versions = all.map(({ runtime }) => runtime);
  const parts = all.flatMap(({ parts }) => parts.map(({ name }) => name));
  for (const { version } of Object.values(nodeVersions)) expect(versions).toContain(`Node ${version}`);
  for (const { version } of Object.values(typescriptVersions)) {
    expect(parts).toContain(`TypeScript ${version}`);
  }
  expect(versions.some((runtime) => runtime.startsWith('Firefox'))).toBe(true);
});
