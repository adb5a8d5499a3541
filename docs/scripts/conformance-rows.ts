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

/** The results of one backend. */
export interface Row {
  readonly backend: string;
  readonly package: string;
  readonly passed: number;
  readonly failed: number;
  readonly excluded: readonly string[];
}

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
