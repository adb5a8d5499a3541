/**
 * Writes the tables of guide/backends.md from the results of the conformance suite: `npx nx backends-page docs`, which runs
 * the suite first. It keeps the results in conformance.json beside it, for backends that a later run leaves out.
 * `npm test` calls it with `--check` and the results of its own run, in which software GPUs of a page run a share of the
 * suite: it fails where the page claims what does not hold.
 */

import { readFile, writeFile } from 'node:fs/promises';
import { relative } from 'node:path';
import { root } from './markdown/repository.js';
import { table } from './markdown/table.js';

/** The page, the results behind it, and the place in it behind which everything is generated. */
const backendsPage = `${root}docs/guide/backends.md`;
const storedRows = `${root}docs/scripts/conformance.json`;
const marker = '<!-- generated from here on: npm run backends-page -w docs -->\n';

/** Packages whose tests run the suite, in the order of the table. */
const packages = ['backend-onnx', 'backend-tfjs', 'tensor'];

/** What needs hardware or a download that an ordinary machine lacks, and how to run the suite where both are there. */
const rarelyRun = [
  {
    backend: 'tfjs-node-gpu',
    needs: 'an NVIDIA GPU with CUDA 11, and libtensorflow from a bucket',
    command: 'npx nx run @patchslim/backend-tfjs:test --backend=tfjs-node-gpu',
  },
  {
    backend: 'tfjs-node',
    needs: 'libtensorflow from a bucket',
    command: 'npx nx run @patchslim/backend-tfjs:test --backend=tfjs-node',
  },
  {
    backend: 'cuda',
    needs: 'an NVIDIA GPU with CUDA 12, and the CUDA libraries of onnxruntime-node',
    command: 'patchslim doctor; patchslim eval … --backend cuda',
  },
];

interface Result {
  readonly ancestorTitles: readonly string[];
  readonly title: string;
  readonly status: string;
}

/** The results of one backend. */
interface Row {
  readonly backend: string;
  readonly package: string;
  readonly passed: number;
  readonly excluded: readonly string[];
}

/** A row of one run. */
interface FoundRow extends Row {
  readonly failed: number;
}

const casesOf = ({ passed, excluded }: Row): number => passed + excluded.length;

/** The page as it should be: its written part as it is, then the tables. */
async function renderBackendsPage(rows: readonly Row[]): Promise<string> {
  const written = (await readFile(backendsPage, 'utf8')).split(marker)[0]!;
  const notRun = rarelyRun.filter(({ backend }) => !rows.some((row) => row.backend === backend));
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
    '## Not run here\n',
    'Where the tests of this repository ran last, these had no hardware or no download. The suite is ready for them:\n',
    table(
      ['backend', 'needs', 'command'],
      notRun.map(({ backend, needs, command }) => [backend, needs, `\`${command}\``]),
    ),
  ];
  return `${written}${marker}\n${sections.join('\n')}`;
}

/** What one test file found. */
interface FileResult {
  /** Path of the file. */
  readonly name: string;
  readonly assertionResults: readonly Result[];
}

async function readResults(file: string): Promise<readonly FileResult[]> {
  const text = await readFile(file, 'utf8').catch(() => {
    throw new Error(`${file} is missing: run the tests first`);
  });
  return (JSON.parse(text) as { testResults: FileResult[] }).testResults;
}

async function findRows(files: readonly string[]): Promise<FoundRow[]> {
  const results = (await Promise.all(files.map(readResults))).flat();
  return packages.flatMap((name) => rowsOf(name, results));
}

function rowsOf(name: string, results: readonly FileResult[]): FoundRow[] {
  const groups = new Map<string, Result[]>();
  const own = results.filter((file) => relative(`${root}packages/${name}`, file.name).startsWith('src'));
  for (const result of own.flatMap(({ assertionResults }) => assertionResults)) {
    const backend = /^conformance of (.+)$/.exec(result.ancestorTitles[0] ?? '')?.[1];
    if (backend !== undefined) groups.set(backend, [...(groups.get(backend) ?? []), result]);
  }
  const sorted = [...groups].toSorted(([a], [b]) => (a < b ? -1 : 1)); // files end in any order
  return sorted.map(([backend, results]) => {
    const excluded = results.flatMap(({ title }) => /^(.+ \(excluded: .+\))$/.exec(title)?.[1] ?? []);
    const failed = results.filter(({ status }) => status !== 'passed').length;
    return { backend, package: name, passed: results.length - failed - excluded.length, excluded, failed };
  });
}

/** What the page claims and a run did not find. */
function contradictions(stored: readonly Row[], found: readonly FoundRow[]): string[] {
  const whole = Math.max(...found.map(casesOf));
  return stored.flatMap((row) => {
    const run = found.find(({ backend }) => backend === row.backend);
    if (!run)
      return rarelyRun.some(({ backend }) => backend === row.backend) ? [] : [`${row.backend}: did not run`];
    const agrees =
      run.failed === 0 &&
      casesOf(row) === whole &&
      (casesOf(run) === whole
        ? run.passed === row.passed && run.excluded.join() === row.excluded.join()
        : run.passed > 0 && run.excluded.every((line) => row.excluded.includes(line)));
    const told = `${run.passed} passed, ${run.failed} failed, ${run.excluded.length} excluded`;
    return agrees ? [] : [`${row.backend}: ${told}; ${casesOf(row)} cases on the page`];
  });
}

/** The stored rows, replaced by those of a run that had the whole suite. */
function replaceRows(stored: readonly Row[], found: readonly FoundRow[]): Row[] {
  const whole = Math.max(...found.map(casesOf));
  const failed = found.find((row) => row.failed > 0);
  if (failed) throw new Error(`${failed.backend} failed ${failed.failed} cases`);
  const fresh = found
    .filter((row) => casesOf(row) === whole)
    .map(({ backend, package: name, passed, excluded }) => ({ backend, package: name, passed, excluded }));
  const kept = stored.filter((row) => !fresh.some(({ backend }) => backend === row.backend));
  for (const { backend } of kept) console.log(`${backend}: not the whole suite (PATCHSLIM_NIGHTLY=1); kept`);
  return packages.flatMap((name) =>
    [...fresh, ...kept]
      .filter((row) => row.package === name)
      .toSorted((a, b) => (a.backend < b.backend ? -1 : 1)),
  );
}

const [option, ...given] = process.argv.slice(2);
const stored = JSON.parse(await readFile(storedRows, 'utf8')) as Row[];
if (option === '--check') {
  const wrong = contradictions(stored, await findRows(given));
  if ((await renderBackendsPage(stored)) !== (await readFile(backendsPage, 'utf8')))
    wrong.push('the tables are not those of conformance.json');
  if (wrong.length > 0) {
    console.error(['guide/backends.md is out of date: npx nx backends-page docs', ...wrong].join('\n'));
    process.exitCode = 1;
  }
} else {
  const files = packages.map((name) => `${root}packages/${name}/test-results/vitest.json`);
  const rows = replaceRows(stored, await findRows(files));
  await writeFile(storedRows, `${JSON.stringify(rows, undefined, 2)}\n`);
  await writeFile(backendsPage, await renderBackendsPage(rows));
}
