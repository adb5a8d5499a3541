/**
 * Writes the table of guide/consumers.md from results/consumers.json, which the release rehearsal wrote: `npm run consumers-page -w docs`.
 * With `--check` it changes nothing and fails where the page says something else.
 */

import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { ConsumerResults, Outcome } from '@patchslim/package-tests/consumer-results';
import { withGenerated } from './markdown/generated.js';
import { root } from './markdown/repository.js';
import { table } from './markdown/table.js';

export const consumersPage = `${root}docs/guide/consumers.md`;
export const consumersFile = `${root}docs/results/consumers.json`;

/** The page as it should be: its written part as it is, then the results. */
export async function renderConsumersPage(): Promise<string> {
  const results = JSON.parse(await readFile(consumersFile, 'utf8')) as ConsumerResults;
  return withGenerated(consumersPage, 'consumers-page', renderConsumers(results));
}

/** A row for each consumer, a column for each manager; below it what failed, and why something was not tried. */
export function renderConsumers(results: ConsumerResults): string {
  const { managers, versions, published } = results;
  const consumers = [...new Set(managers.flatMap((manager) => Object.keys(manager.consumers)))];
  const origin = ['date', ...managers.map(({ date }) => date.slice(0, 10))];
  const commits = ['commit', ...managers.map(({ commit }) => commit)];
  const rows = ['installation', ...consumers].map((name) => [
    name,
    ...managers.map(({ install, consumers }) => cell(name === 'installation' ? install : consumers[name])),
  ]);
  const header = ['', ...managers.map(({ name, version }) => `${name} ${version}`)];
  const software = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return [
    '## Results\n',
    `${published.length} packages of version ${results.version}, Node ${results.node} on ${results.platform}. ${software.join(', ')}.\n`,
    table(header, [...rows, origin, commits]),
    'Seconds include builds and the start of a browser, on a machine that did other work too. An empty cell was not run.\n',
    ...notes(results),
  ].join('\n');
}

function cell(outcome: Outcome | undefined): string {
  if (outcome === undefined) return '';
  if (outcome.status === 'not tried') return '–';
  return outcome.status === 'passed' ? `✓ ${outcome.seconds.toFixed(0)} s` : '✗';
}

/** One line for each different reason. */
function notes({ managers }: ConsumerResults): string[] {
  const lines = new Map<string, string[]>();
  for (const { name, install, consumers } of managers) {
    for (const [what, outcome] of Object.entries({ installation: install, ...consumers })) {
      if (outcome.status === 'passed') continue;
      const reason =
        outcome.status === 'failed' ? `failed: ${firstLine(outcome.error)}` : `not tried: ${outcome.reason}`;
      lines.set(reason, [...(lines.get(reason) ?? []), `${what} with ${name}`]);
    }
  }
  if (lines.size === 0) return [];
  return [`${[...lines].map(([reason, where]) => `- ${where.join(', ')}: ${reason}`).join('\n')}\n`];
}

const firstLine = (text: string): string => text.split('\n')[0]!;

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const page = await renderConsumersPage();
  if (!process.argv.includes('--check')) await writeFile(consumersPage, page);
  else if (page !== (await readFile(consumersPage, 'utf8'))) {
    console.error(
      'guide/consumers.md is not what results/consumers.json says: npm run consumers-page -w docs',
    );
    process.exitCode = 1;
  }
}
