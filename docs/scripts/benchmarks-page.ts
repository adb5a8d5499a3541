/** Writes the tables of guide/benchmarks.md from benchmarks/*.json: `npm run benchmarks-page -w docs`. A test compares them. */

import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { BenchResults, MeasuredSide, Measurement } from '@patchslim/testing';
import { benchmarks, resultsFile } from './benchmarks.js';
import { withGenerated } from './markdown/generated.js';
import { root } from './markdown/repository.js';
import { table } from './markdown/table.js';

/** The page, and the place in it behind which everything is generated. */
export const benchmarksPage = `${root}docs/guide/benchmarks.md`;

/** The page as it should be: its written part as it is, then a section for each file of results. */
export async function renderBenchmarksPage(): Promise<string> {
  const sections: string[] = [];
  const missing: string[] = [];
  for (const { name, workspace, script } of benchmarks) {
    const file = resultsFile(name);
    if (!existsSync(file)) {
      missing.push(`- \`npm run ${script} -w ${workspace}\``);
      continue;
    }
    sections.push(renderResults(name, JSON.parse(await readFile(file, 'utf8')) as BenchResults));
  }
  const notRun = missing.length > 0 ? [`## Not measured here\n\n${missing.join('\n')}\n`] : [];
  return withGenerated(benchmarksPage, 'benchmarks-page', [...sections, ...notRun].join('\n'));
}

function renderResults(name: string, { date, machine, versions, note, measurements }: BenchResults): string {
  const { cpu, cores, memoryGiB, platform, load } = machine;
  const busy = load > cores ? `other work ran beside: load ${load}` : `load before: ${load}`;
  const software = Object.entries(versions).map(([program, version]) => `${program} ${version}`);
  return [
    `## ${name}${note === undefined ? '' : `, ${note}`}\n`,
    `${date.slice(0, 10)}, ${cores} cores of ${cpu}, ${memoryGiB} GiB, ${platform}; ${busy}. ${software.join(', ')}.\n`,
    ...measurements.map(renderMeasurement),
  ].join('\n');
}

function renderMeasurement({ title, rounds, spread, sides }: Measurement): string {
  const timed = sides.some(({ ms }) => ms !== undefined);
  const row = ({ name, median, low, high, ms }: MeasuredSide) => [
    name,
    `${ratio(median)} (${ratio(low)}–${ratio(high)})`,
    ...(timed ? [ms === undefined ? '' : time(ms)] : []),
  ];
  const header = ['what', `median (${spread})`, ...(timed ? ['one run'] : [])];
  return `**${title}**, ${rounds} rounds:\n\n${table(header, sides.map(row))}`;
}

/** Three digits; below a tenth two. */
function ratio(value: number): string {
  if (value < 0.0995) return value.toPrecision(2);
  if (value < 9.995) return value.toFixed(2);
  return value < 99.5 ? value.toFixed(1) : value.toFixed(0);
}

const time = (ms: number): string =>
  ms < 1000 ? `${ms.toPrecision(3)} ms` : `${(ms / 1000).toPrecision(3)} s`;

if (process.argv[1] === fileURLToPath(import.meta.url))
  await writeFile(benchmarksPage, await renderBenchmarksPage());
