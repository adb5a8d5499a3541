// Keeps what a run of Vitest found, in docs/runs/NAME.json, of which `npm run versions-page -w docs` makes the page.
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { root } from '../workspace.mjs';

/**
 * @param where `name` of the file, `runtime` and `system` as the page names them
 * @param what `set`, and the `command` that repeats the run
 * @param results path of Vitest's results
 */
export async function keepRun({ name, runtime, system }, { set, command }, results) {
  const file = join(root, 'docs/runs', `${name}.json`);
  const earlier = existsSync(file) ? JSON.parse(await readFile(file, 'utf8')) : { sets: {} };
  const found = summary(JSON.parse(await readFile(results, 'utf8')));
  const run = { runtime, date: new Date().toISOString().slice(0, 10), command, ...found };
  const kept = { system, sets: { ...earlier.sets, [set]: run } };
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, `${JSON.stringify(kept, null, 2)}\n`);
  console.log(`${runtime}, ${set}: ${found.passed} passed, ${found.failed} failed, ${found.skipped} skipped`);
}

/** Numbers of tests in all and by part, and the names of those that failed. */
export function summary({ testResults }) {
  const tests = testResults.flatMap((file) => testsOf(file));
  const parts = groupByPart(tests);
  const sorted = [...parts].sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    ...counts(tests),
    parts: sorted.map(([name, own]) => ({ name, ...counts(own) })),
    failures: tests
      .filter(({ status }) => status === 'failed')
      .map(({ title }) => title)
      .sort(),
  };
}

function groupByPart(tests) {
  const groups = new Map();
  for (const test of tests) groups.set(test.part, [...(groups.get(test.part) ?? []), test]);
  return groups;
}

function counts(tests) {
  const count = (wanted) => tests.filter(({ status }) => wanted(status)).length;
  return {
    passed: count((status) => status === 'passed'),
    failed: count((status) => status === 'failed'),
    skipped: count((status) => status !== 'passed' && status !== 'failed'),
  };
}

/** The tests of a file; one that failed where the file did not load. */
function testsOf({ name, status, message, assertionResults }) {
  const file = relative(root, name).replaceAll('\\', '/');
  if (assertionResults.length === 0 && status === 'failed') {
    return [{ part: packageOf(file), status, title: `${file}: ${message.split('\n')[0]}` }];
  }
  return assertionResults.map(({ ancestorTitles, title, fullName, status: outcome }) => ({
    part: [...ancestorTitles, title].map(named).find(Boolean) ?? packageOf(file),
    status: outcome,
    title: `${file}: ${fullName}`,
  }));
}

/** A backend of the conformance suite, or a version of TypeScript. */
const named = (title) => /^conformance of .+|^TypeScript \d+\.\d+\.\d+/.exec(title)?.[0];

const packageOf = (file) => /^(packages|tools)\/[^/]+|^[^/]+/.exec(file)[0];
