// Runs the tests for pages in Firefox, and keeps what they found for guide/versions.md:
//   node tools/scripts/on-firefox.mjs                          all; the packages' own pages too
//   node tools/scripts/on-firefox.mjs packages/backend-onnx    any tests; nothing is kept
import { execFileSync } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { requireFirefox } from '../config/firefox.js';
import { systemName } from '../testing/platform.mjs';
import { keepRun } from './runs/keep.mjs';
import { installIfMissing, nx, root, status } from './workspace.mjs';

const filters = process.argv.slice(2);
const results = join(root, 'test-results/firefox.json');
await installIfMissing();
const firefox = requireFirefox();
const keeping = filters.length === 0;
if (keeping)
  await nx(['run-many', '-t', 'build', '--parallel=1', '--exclude=@patchslim/docs'], { quiet: true });
await rm(results, { force: true });
const vitest = join(root, 'node_modules/vitest/vitest.mjs');
process.exitCode = await status(
  process.execPath,
  [vitest, 'run', '--config', 'vitest.firefox.config.js', ...filters],
  { env: keeping ? { PATCHSLIM_RESULTS: results } : {} },
);
if (keeping) {
  const version = execFileSync(firefox, ['--version'], { encoding: 'utf8' }).trim();
  await keepRun(
    { name: 'firefox', runtime: version.replace(/^Mozilla /, ''), system: systemName },
    { set: 'pages', command: 'node tools/scripts/on-firefox.mjs' },
    results,
  );
}
