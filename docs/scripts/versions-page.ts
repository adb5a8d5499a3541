/** Writes the tables of guide/versions.md from runs/*.json: `npm run versions-page -w docs`. A test compares them. */

import { readdir, readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { withGenerated } from './markdown/generated.js';
import { root } from './markdown/repository.js';
import { table } from './markdown/table.js';

/** The page, and the place in it behind which everything is generated. */
export const versionsPage = `${root}docs/guide/versions.md`;

export const runsFolder = `${root}docs/runs/`;

interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** What one run of a set of tests found. */
export interface Run extends Counts {
  /** `Node 22.23.5` */
  readonly runtime: string;
  readonly date: string;
  readonly command: string;
  readonly parts: readonly (Counts & { readonly name: string })[];
  /** Names of the tests that failed. */
  readonly failures: readonly string[];
}

/** A file of results: one version on one system. */
export interface Runs {
  readonly system: string;
  readonly sets: Readonly<Record<string, Run>>;
}

const titles: Readonly<Record<string, string>> = {
  all: 'all tests',
  'command-line': 'command line',
  tarballs: 'packed packages',
  javascript: 'pure JavaScript',
  typescript: 'types',
  pages: 'pages',
};

/** All files, by name. */
export async function readRuns(): Promise<Map<string, Runs>> {
  const files = (await readdir(runsFolder)).filter((file) => file.endsWith('.json')).sort();
  const runs = files.map(
    async (file) => [file, JSON.parse(await readFile(runsFolder + file, 'utf8')) as Runs] as const,
  );
  return new Map(await Promise.all(runs));
}

/** The page as it should be: its written part as it is, then the tables. */
export async function renderVersionsPage(): Promise<string> {
  const all = [...(await readRuns()).values()];
  const runs = all.flatMap(({ system, sets }) =>
    Object.entries(sets).map(([set, run]) => ({ ...run, system, set })),
  );
  const cells = ({ passed, failed, skipped }: Counts) => [passed, failed, skipped].map(String);
  const overview = runs.map((run) => [
    run.runtime,
    run.system,
    titles[run.set] ?? run.set,
    ...cells(run),
    run.date,
  ]);
  const detailed = runs.filter(({ set }) => set === 'typescript' || set === 'pages');
  const failing = runs.filter(({ failures }) => failures.length > 0);
  const sections = [
    '## Results\n',
    table(['version', 'system', 'tests', 'passed', 'failed', 'skipped', 'date'], overview),
    ...detailed.flatMap(({ set, runtime, parts }) => [
      `## ${set === 'typescript' ? 'Types, by version of TypeScript' : `Pages in ${runtime}`}\n`,
      table(
        ['part', 'passed', 'failed', 'skipped'],
        parts.map((part) => [part.name, ...cells(part)]),
      ),
    ]),
    ...(failing.length > 0 ? ['## Failures\n'] : []),
    ...failing.map(
      ({ runtime, system, failures }) =>
        `On ${runtime}, ${system}:\n\n${failures.map((title) => `- ${title}`).join('\n')}\n`,
    ),
  ];
  return withGenerated(versionsPage, 'versions-page', sections.join('\n'));
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  await writeFile(versionsPage, await renderVersionsPage());
