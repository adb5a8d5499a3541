/**
 * Writes the tables of guide/backends.md from the results of the conformance suite: `npm run backends-page -w docs`
 * after `npx nx run-many -t test -p @patchslim/tensor @patchslim/backend-onnx @patchslim/backend-tfjs`. A test compares
 * the page with the results of the same run of all tests, so that it cannot claim what does not hold.
 */

import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { root } from './markdown/repository.js';
import { table } from './markdown/table.js';

/** The page, and the place in it behind which everything is generated. */
export const backendsPage = `${root}docs/guide/backends.md`;
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

/** The page as it should be: its written part as it is, then the tables. */
export async function renderBackendsPage(): Promise<string> {
  const written = (await readFile(backendsPage, 'utf8')).split(marker)[0]!;
  const rows = (await Promise.all(packages.map(rowsOf))).flat();
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

async function rowsOf(name: string): Promise<Row[]> {
  const file = `${root}packages/${name}/test-results/vitest.json`;
  const text = await readFile(file, 'utf8').catch(() => {
    throw new Error(`${file} is missing: run the tests of @patchslim/${name} first`);
  });
  const { testResults } = JSON.parse(text) as { testResults: { assertionResults: Result[] }[] };
  const groups = new Map<string, Result[]>();
  for (const result of testResults.flatMap(({ assertionResults }) => assertionResults)) {
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

if (process.argv[1] === fileURLToPath(import.meta.url))
  await writeFile(backendsPage, await renderBackendsPage());
