/**
 * Writes the tables of guide/backends.md from the results of the conformance suite: `PATCHSLIM_NIGHTLY=1 npx nx backends-page
 * docs` runs the whole suite first; without Nx the arguments name files of results. The script keeps the results in
 * conformance.json beside it, for backends that a later run leaves out.
 * `npm test` calls it with `--check` and the results of its own run, in which software GPUs run a share of the suite: it fails
 * where the page claims what does not hold.
 */

import { readFile, writeFile } from 'node:fs/promises';
import type { BenchResults } from '@patchslim/testing';
import {
  casesOf,
  conformanceRows,
  contradictions,
  readResults,
  replaceRows,
  type StoredRow,
} from './conformance-rows.js';
import { withGenerated } from './markdown/generated.js';
import { root } from './markdown/repository.js';
import { table } from './markdown/table.js';
import { rareCommand, readRareResults, type RareBackend, type RareResult } from './rare-result.js';

/** The page, the results behind it, and the place in it behind which everything is generated. */
const backendsPage = `${root}docs/guide/backends.md`;
const storedRows = `${root}docs/scripts/conformance.json`;

/** Packages whose tests run the suite, in the order of the table. */
const packages = ['backend-onnx', 'backend-tfjs', 'tensor'];

/** What needs hardware or a download that an ordinary machine lacks, and how to run the suite where both are there. */
const rarelyRun = [
  {
    backend: 'tfjs-node-gpu',
    needs: 'an NVIDIA GPU with its driver; `patchslim setup tfjs-node-gpu`',
    command: rareCommand('tfjs-node-gpu'),
  },
  {
    backend: 'tfjs-node',
    needs: '`patchslim setup tfjs-node`',
    command: rareCommand('tfjs-node'),
  },
  {
    backend: 'cuda',
    needs: 'an NVIDIA GPU with CUDA 12, and the CUDA libraries of onnxruntime-node',
    command: 'patchslim doctor; patchslim eval … --backend cuda',
  },
];

/** The page as it should be: its written part as it is, then the tables. */
async function renderBackendsPage(now: readonly StoredRow[]): Promise<string> {
  const rare = await readRareResults();
  const cases = Math.max(...now.map(casesOf));
  const then = rare.flatMap(({ conformance, date }) =>
    conformance ? [{ ...conformance, backend: `${conformance.backend}, on ${date.slice(0, 10)}` }] : [],
  );
  const rows = [...now, ...then];
  const notRun = rarelyRun.filter(
    ({ backend }) =>
      ![...now, ...rare.flatMap(({ conformance }) => conformance ?? [])].some(
        (row) => row.backend === backend,
      ),
  );
  const sections = [
    '## Conformance\n',
    table(
      ['backend', 'package', 'cases passed', 'excluded'],
      rows.map((row) => [row.backend, `\`${row.package}\``, String(row.passed), String(row.excluded.length)]),
    ),
    ...rows.flatMap(({ backend, excluded }) =>
      excluded.length > 0
        ? [`Excluded on ${backend}:\n\n${excluded.map((line) => `- ${line}`).join('\n')}\n`]
        : [],
    ),
    ...rare.map((result) => rareSection(result, cases)),
    '## Not run here\n',
    'Where the tests of this repository ran last, these had no hardware or no download. The suite is ready for them:\n',
    table(
      ['backend', 'needs', 'command'],
      notRun.map(({ backend, needs, command }) => [backend, needs, `\`${command}\``]),
    ),
  ];
  return withGenerated(backendsPage, 'backends-page', sections.join('\n'));
}

/** Of a backend that is run rarely: with what, which tests, and how fast. */
function rareSection(result: RareResult, cases: number): string {
  const { backend, date, versions, lacking, conformance, passed, top1, speed } = result;
  const used = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  const total = conformance && conformance.passed + conformance.failed + conformance.excluded.length;
  const tests = Object.entries(passed).map(([file, titles]) => `${titles.length} of \`${file}\``);
  const sentences = [
    `**${backend}** is not part of every run, because of the size of the download.`,
    `It ran last on ${date.slice(0, 10)}, with ${used.join(', ')}, by \`${rareCommand(backend as RareBackend)}\`.`,
    ...(lacking === null ? [] : [`Only the set-up was tested, for there was no GPU (\`${lacking}\`).`]),
    ...(total !== null && total !== cases
      ? [`The suite had ${total} cases then, and has ${cases} now.`]
      : []),
    `Other tests that passed: ${tests.join(', ')}.`,
    ...(top1 === null ? [] : [`Top-1 of DeiT-Tiny on 100 images is ${top1} %, as with \`native\`; the plan from the same images is the same.`]), // prettier-ignore
    ...(speed ? [`Speed beside \`native\`, measured on ${speed.date.slice(0, 10)} on ${speed.machine.cores} cores of ${speed.machine.cpu}, load ${speed.machine.load}:`] : []), // prettier-ignore
  ];
  return [`${sentences.join(' ')}\n`, ...(speed?.measurements ?? []).map(speedTable)].join('\n');
}

const speedTable = ({ title, rounds, sides }: BenchResults['measurements'][number]): string =>
  table(
    [title, 'median', 'least–most', `ms, median of ${rounds}`],
    sides.map(({ name, median, low, high, ms }) => [
      name,
      median.toFixed(2),
      `${low.toFixed(2)}–${high.toFixed(2)}`,
      ms?.toPrecision(3) ?? '',
    ]),
  );

const findRows = async (files: readonly string[]) => {
  const results = await readResults(files);
  return packages.flatMap((name) => conformanceRows(name, results));
};

const [option, ...given] = process.argv.slice(2);
const stored = JSON.parse(await readFile(storedRows, 'utf8')) as StoredRow[];
if (option === '--check') {
  const wrong = contradictions(stored, await findRows(given));
  if ((await renderBackendsPage(stored)) !== (await readFile(backendsPage, 'utf8')))
    wrong.push('the tables are not those of conformance.json');
  if (wrong.length > 0) {
    const command = 'PATCHSLIM_NIGHTLY=1 npx nx backends-page docs';
    console.error([`guide/backends.md is out of date: ${command}`, ...wrong].join('\n'));
    process.exitCode = 1;
  }
} else {
  // With `--tables` it writes the page alone, from what was kept.
  const own = packages.map((name) => `${root}packages/${name}/test-results/vitest.json`);
  const files = [option, ...given].filter((file) => file !== undefined);
  const rows =
    option === '--tables' ? stored : replaceRows(stored, await findRows(files.length > 0 ? files : own));
  await writeFile(storedRows, `${JSON.stringify(rows, undefined, 2)}\n`);
  await writeFile(backendsPage, await renderBackendsPage(rows));
}
