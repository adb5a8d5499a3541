// `npm test`: installs missing dependencies, then runs formatting, lint, types, builds and all tests, and prints the times.
// `npm run test:nightly`: only the tests that this run shortens, at full length (tools/testing/nightly.ts): fuzzing, memory,
// kills, models of full size, searches on DeiT-Tiny, and every case on every backend. It begins with the lint rules that need
// types, which `npm test` leaves out.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { performance } from 'node:perf_hooks';
import { stripVTControlCharacters } from 'node:util';
import { lint } from './lint.mjs';
import { dataFolder, installIfMissing, installChromiumIfMissing, node, nx, root } from './workspace.mjs';

const nightly = process.argv.includes('--nightly');
/** Parts of the names of the test files that have more to do at night: those that ask, and those that ask through a helper. */
const nightlyFiles = () => [
  ...testFilesWith('@patchslim/testing/by-day'),
  '.night.test',
  'fuzz',
  'slimming/test/backends',
  'dynamic-gradients',
  'vit-models/src/families/full-size',
  'packages/browser/test/pipeline.test.ts',
  'packages/browser/test/places.test.ts',
  'patchslim/test/bad-luck',
  'patchslim/test/pipeline',
];
const results = join(root, 'test-results/vitest.json');

/** Seconds of each part, in order of completion. */
const parts = [];
async function part(name, work) {
  const start = performance.now();
  await work();
  parts.push([name, (performance.now() - start) / 1000]);
}

const data = dataFolder();
await part('installing', async () => {
  await installIfMissing();
  await installChromiumIfMissing();
});
console.log(
  data
    ? `Real weights and images: ${data}`
    : 'No real weights and images (../shared/data or PATCHSLIM_DATA): the tests that need them are skipped.',
);
if (nightly) await part('lint with types', () => lint({ quiet: true }));
else await checkAndBuild();
await part('tests', () =>
  node(['node_modules/vitest/vitest.mjs', 'run', ...(nightly ? nightlyFiles() : [])], {
    env: { ...(data && { PATCHSLIM_DATA: data }), ...(nightly && { PATCHSLIM_NIGHTLY: '1' }) },
    onFailure: showFailures,
  }),
);
if (!nightly) {
  const page = ['--conditions=@patchslim/source', '--import=tsx', 'docs/scripts/backends-page.ts', '--check'];
  await part('page of backends', () => node([...page, results]));
}
showTimes();
showRarelyRun();
console.log('All checks passed.');

/** Checks the sources on one core, and builds on the other. Each prints its output at its end. */
async function checkAndBuild() {
  const quiet = { quiet: true };
  const prettier = 'node_modules/prettier/bin/prettier.cjs';
  const tsc = ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.check.json'];
  await Promise.all([
    part('formatting, types and lint', async () => {
      await node([prettier, '--check', '--log-level=warn', '.']);
      await node(tsc);
      await lint({ typed: false, ...quiet });
    }),
    part('builds, and types of the site', async () => {
      await nx(['run-many', '-t', 'build', '--parallel=1', '--output-style=stream'], quiet);
      await nx(['run', '@patchslim/docs:typecheck'], quiet);
    }),
  ]);
}

/** Test files of the workspace that contain a text, relative to its root. */
function testFilesWith(text) {
  return ['packages', 'tools', 'docs']
    .flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true }).map((file) => join(folder, file)),
    )
    .filter((file) => file.endsWith('.test.ts') && !/[\\/](node_modules|dist)[\\/]/.test(file))
    .filter((file) => readFileSync(join(root, file), 'utf8').includes(text));
}

/** Prints the failures again at the end, because people see the end of a truncated log. */
function showFailures(output) {
  const blame = /FAIL|Error:|Unhandled|❯|⎯⎯|^\s+[-+] |Expected|Received|Serialized/;
  const lines = output.split('\n').map((line) => stripVTControlCharacters(line));
  console.error(['', 'What failed:', ...lines.filter((line) => blame.test(line)).slice(-80), ''].join('\n'));
}

/** Prints the seconds of every part, of the tests of every package, and of the longest test files. Two files run at a time. */
function showTimes() {
  const { testResults, numPassedTests, numFailedTests, numPendingTests } = JSON.parse(
    readFileSync(results, 'utf8'),
  );
  const files = testResults.map(({ name, startTime, endTime }) => [
    relative(root, name).replaceAll('\\', '/'),
    (endTime - startTime) / 1000,
  ]);
  const sums = new Map();
  for (const [file, time] of files) sums.set(packageOf(file), (sums.get(packageOf(file)) ?? 0) + time);
  const sorted = (rows) => rows.toSorted(([, a], [, b]) => b - a);
  const lines = (rows) => rows.map(([name, time]) => `  ${time.toFixed(1).padStart(7)} s  ${name}`);
  console.log(
    ['', 'Where the time went:', ...lines(parts)]
      .concat('', 'Tests by package:', lines(sorted([...sums])))
      .concat('', 'The longest test files:', lines(sorted(files).slice(0, 15)), '')
      .flat()
      .join('\n'),
  );
  console.log(`${numPassedTests} passed, ${numFailedTests} failed, ${numPendingTests} skipped`);
}

/** Prints the backends that this run left out, because they need large downloads, and when they ran last. */
function showRarelyRun() {
  const folder = join(root, 'docs/rarely-run');
  for (const file of existsSync(folder) ? readdirSync(folder) : []) {
    const { backend, date, conformance, lacking } = JSON.parse(readFileSync(join(folder, file), 'utf8'));
    const found = conformance
      ? `${conformance.passed} conformance cases passed`
      : `only its set-up: ${lacking}`;
    console.log(
      `Not run: ${backend}; last on ${date.slice(0, 10)}: ${found} (npm run rarely-run -w docs -- ${backend})`,
    );
  }
}

function packageOf(file) {
  return /^(packages\/[^/]+|tools\/[^/]+|[^/]+)/.exec(file)[0];
}
