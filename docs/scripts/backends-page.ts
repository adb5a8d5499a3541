/**
 * Writes the tables of guide/backends.md from the results of the conformance suite: `npx nx backends-page docs`, which runs
 * the suite first. `npm test` calls it with `--check` and the results of its own run: it fails where the page claims what does
 * not hold.
 */

import { readFile, writeFile } from 'node:fs/promises';
import { relative } from 'node:path';
import { root } from './markdown/repository.js';
import { table } from './markdown/table.js';

/** The page, and the place in it behind which everything is generated. */
const backendsPage = `${root}docs/guide/backends.md`;
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
  readonly failed: number;
  readonly excluded: readonly string[];
}

/**
 * The page as it should be: its written part as it is, then the tables.
 * @param files results of Vitest as JSON
 */
async function renderBackendsPage(files: readonly string[]): Promise<string> {
  const results = (await Promise.all(files.map(readResults))).flat();
  const written = (await readFile(backendsPage, 'utf8')).split(marker)[0]!;
  const rows = packages.flatMap((name) => rowsOf(name, results));
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

function rowsOf(name: string, results: readonly FileResult[]): Row[] {
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
    return { backend, package: name, passed: results.length - failed - excluded.length, failed, excluded };
  });
}

const [option, ...given] = process.argv.slice(2);
const checking = option === '--check';
const files = checking ? given : packages.map((name) => `${root}packages/${name}/test-results/vitest.json`);
const page = await renderBackendsPage(files);
if (!checking) await writeFile(backendsPage, page);
else if (page !== (await readFile(backendsPage, 'utf8'))) {
  console.error('guide/backends.md is not what the conformance suite found: npx nx backends-page docs');
  process.exitCode = 1;
}
