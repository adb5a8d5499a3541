// Runs tests with other versions of Node than the installed one, and keeps what they found for guide/versions.md:
//   node tools/scripts/on-node.mjs 22 24 all            sets of tests: tools/scripts/runs/sets.mjs
//   node tools/scripts/on-node.mjs 22 packages/tensor   any tests; nothing is kept
//   node tools/scripts/on-node.mjs 20 --arm javascript  on an emulated ARM processor
// Node comes from npm, or from PATCHSLIM_NODE_22 and the like.
import { execFileSync } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pathWith, systemName } from '../testing/platform.mjs';
import { nodeBinary, nodeVersions } from '../testing/runtimes/index.mjs';
import { emulated } from './runs/arm.mjs';
import { keepRun } from './runs/keep.mjs';
import { sets, setsOrFilters } from './runs/sets.mjs';
import { dataFolder, installChromiumIfMissing, installIfMissing, nx, root, status } from './workspace.mjs';

const words = process.argv.slice(2);
const majors = words.filter((word) => Object.hasOwn(nodeVersions, word));
const arm = words.includes('--arm');
if (majors.length === 0)
  throw new Error(`expected versions of Node: ${Object.keys(nodeVersions).join(', ')}`);
const { names, filters } = setsOrFilters(words.filter((word) => !majors.includes(word) && word !== '--arm'));

await installIfMissing();
await installChromiumIfMissing();
for (const { builds } of names.map((name) => sets[name])) {
  if (builds) await nx(['run-many', '-t', 'build', '--parallel=1', ...builds], { quiet: true });
}
for (const major of majors) {
  const node = arm ? await emulated(major) : await native(major);
  if (filters.length > 0) await test(node, filters, {});
  for (const name of names) await testSet(node, major, name);
}

/** A Node of this machine's processor. */
async function native(major) {
  const program = await nodeBinary(major);
  if (program === undefined) {
    throw new Error(`npm has no Node ${major} for ${systemName}: set PATCHSLIM_NODE_${major} to one`);
  }
  // npm and programs that tests start by the name `node` run on it too. A test may take long: other work may run beside.
  const env = { PATH: pathWith(dirname(program)) };
  return { program, args: [], env, options: ['--testTimeout=600000'], system: systemName };
}

async function testSet(node, major, name) {
  const results = join(root, `test-results/node-${major}-${name}.json`);
  await rm(results, { force: true });
  await test(node, sets[name].filters, { ...sets[name].env, PATCHSLIM_RESULTS: results });
  const version = execFileSync(node.program, [...node.args, '--version'], { encoding: 'utf8' }).trim();
  await keepRun(
    { name: `node-${major}-${node.system}`, runtime: `Node ${version.slice(1)}`, system: node.system },
    { set: name, command: `node tools/scripts/on-node.mjs ${major}${arm ? ' --arm' : ''} ${name}` },
    results,
  );
}

/** A failure becomes the status of this process, after all sets. */
async function test({ program, args, env, options }, more, moreEnv) {
  const data = dataFolder();
  const vitest = [join(root, 'node_modules/vitest/vitest.mjs'), 'run', ...options, ...more];
  const ended = await status(program, [...args, ...vitest], {
    env: { ...(data && { PATCHSLIM_DATA: data }), ...env, ...moreEnv },
  });
  if (ended !== 0) process.exitCode = ended;
}
