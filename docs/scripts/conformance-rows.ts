/** What the conformance suite found, from results of Vitest as JSON. */

import { readFile } from 'node:fs/promises';
import { relative } from 'node:path';
import { root } from './markdown/repository.js';

interface Result {
  readonly ancestorTitles: readonly string[];
  readonly title: string;
  readonly status: string;
  /** What the test adds to its result. */
  readonly meta?: { readonly top1?: number };
}

/** What one test file found. */
export interface FileResult {
  /** Path of the file. */
  readonly name: string;
  readonly assertionResults: readonly Result[];
}

/** The results of one backend that failed no case. */
export interface StoredRow {
  readonly backend: string;
  readonly package: string;
  readonly passed: number;
  readonly excluded: readonly string[];
}

/** The results of one backend. */
export interface Row extends StoredRow {
  readonly failed: number;
}

/** The number of cases that ran. */
export const casesOf = ({ passed, excluded }: StoredRow): number => passed + excluded.length;

export async function readResults(files: readonly string[]): Promise<readonly FileResult[]> {
  const read = async (file: string): Promise<readonly FileResult[]> => {
    const text = await readFile(file, 'utf8').catch(() => {
      throw new Error(`${file} is missing: run the tests first`);
    });
    return (JSON.parse(text) as { testResults: FileResult[] }).testResults;
  };
  return (await Promise.all(files.map(read))).flat();
}

/** The backends of a package, in the order of their names. */
export function conformanceRows(name: string, results: readonly FileResult[]): Row[] {
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

/** What the page claims and a run did not find. A run may have had a share of the suite on some backends. */
export function contradictions(stored: readonly StoredRow[], found: readonly Row[]): string[] {
  const whole = Math.max(...found.map(casesOf));
  return stored.flatMap((row) => {
    const run = found.find(({ backend }) => backend === row.backend);
    if (!run) return [`${row.backend}: did not run`];
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

/**
 * The stored rows, replaced by those of a run that had the whole suite.
 * @throws when a case failed
 */
export function replaceRows(stored: readonly StoredRow[], found: readonly Row[]): StoredRow[] {
  const whole = Math.max(...found.map(casesOf));
  const failed = found.find((row) => row.failed > 0);
  if (failed) throw new Error(`${failed.backend} failed ${failed.failed} cases`);
  const fresh = found
    .filter((row) => casesOf(row) === whole)
    .map(({ backend, package: name, passed, excluded }) => ({ backend, package: name, passed, excluded }));
  const kept = stored.filter((row) => !fresh.some(({ backend }) => backend === row.backend));
  for (const { backend } of kept) console.log(`${backend}: not the whole suite (PATCHSLIM_NIGHTLY=1); kept`);
  const order = (a: StoredRow, b: StoredRow) =>
    a.package === b.package ? (a.backend < b.backend ? -1 : 1) : a.package < b.package ? -1 : 1;
  return [...fresh, ...kept].toSorted(order);
}
