// `npm test`: installs what is missing, then lint, types, builds and all tests.
import { lint } from './lint.mjs';
import { dataFolder, installIfMissing, installSoftwareGpuIfMissing, nx, run } from './workspace.mjs';

await installIfMissing();
await installSoftwareGpuIfMissing();
const data = dataFolder();
console.log(
  data
    ? `Real weights and images: ${data}`
    : 'No real weights and images (../shared/data or PATCHSLIM_DATA): the tests that need them are skipped.',
);
await run(process.execPath, ['node_modules/prettier/bin/prettier.cjs', '--check', '--log-level=warn', '.']);
await lint();
await nx(['run-many', '-t', 'build', 'typecheck', '--output-style=stream']);
// The folder is named to the tests, so that results cached without it are not taken for results with it.
const env = data ? { PATCHSLIM_DATA: data } : {};
await nx(['run-many', '-t', 'test', '--parallel=2', '--output-style=stream'], { env });
console.log('All checks passed.');
