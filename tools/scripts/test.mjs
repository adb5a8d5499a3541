// `npm test`: installs what is missing, then lint, types, builds and all tests.
import { stripVTControlCharacters } from 'node:util';
import { lint } from './lint.mjs';
import { dataFolder, installIfMissing, installChromiumIfMissing, nx, run } from './workspace.mjs';

await installIfMissing();
await installChromiumIfMissing();
const data = dataFolder();
console.log(
  data
    ? `Real weights and images: ${data}`
    : 'No real weights and images (../shared/data or PATCHSLIM_DATA): the tests that need them are skipped.',
);
await run(process.execPath, ['node_modules/prettier/bin/prettier.cjs', '--check', '--log-level=warn', '.']);
await lint();
await nx(['run-many', '-t', 'build', 'typecheck', '--output-style=stream']);
await nx(['run-many', '-t', 'test', '--parallel=2', '--output-style=stream'], {
  // The folder is named to the tests, so that results cached without it are not taken for results with it.
  env: data ? { PATCHSLIM_DATA: data } : {},
  onFailure: showFailures,
});
console.log('All checks passed.');

/** What failed, once more at the end: where a log is cut, its end is what people see. */
function showFailures(output) {
  const blame = /^\S*: .*(?:FAIL|Error:|Unhandled|❯|⎯⎯|^\s+[-+] |Expected|Received|Serialized)/;
  const lines = output.split('\n').map((line) => stripVTControlCharacters(line));
  console.error(['', 'What failed:', ...lines.filter((line) => blame.test(line)).slice(-80), ''].join('\n'));
}
