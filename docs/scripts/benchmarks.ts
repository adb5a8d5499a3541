/**
 * Runs the benchmarks of the packages and keeps what they measured: `npm run benchmarks -w docs`, or with names of files to run only
 * these. A file in benchmarks/ is replaced when its benchmark has ended. `npm run benchmarks-page -w docs` makes the page of them.
 */

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { npmCommand } from '@patchslim/testing';
import { softwareGpu } from '@patchslim/testing/platform';
import { renameFile } from '@patchslim/tensor/files';
import { root } from './markdown/repository.js';

export interface Benchmark {
  /** Name of the file. */
  readonly name: string;
  readonly workspace: string;
  readonly script: string;
  readonly env?: Readonly<Record<string, string>>;
}

const note = { PATCHSLIM_BENCH_NOTE: 'on SwiftShader, a GPU in software on the same cores' };

const usual = (name: string): Benchmark => ({ name, workspace: `@patchslim/${name}`, script: 'bench' });

/** All benchmarks, in the order of the page. */
export const benchmarks: readonly Benchmark[] = [
  usual('vit-models'),
  usual('slimming'),
  usual('importance-estimators'),
  usual('backend-onnx'),
  usual('backend-tfjs'),
  {
    name: 'backend-tfjs-webgpu',
    workspace: '@patchslim/backend-tfjs',
    script: 'bench:webgpu',
    ...(softwareGpu && { env: { ...softwareGpu, ...note } }),
  },
  usual('training'),
  usual('datasets'),
  usual('tensor'),
  usual('flop-counter'),
  usual('token-reducers'),
  usual('slimming-schedules'),
  usual('backends'),
  { name: 'patchslim', workspace: 'patchslim', script: 'bench' },
];

export const resultsFile = (name: string): string => `${root}docs/benchmarks/${name}.json`;

async function run({ name, workspace, script, env }: Benchmark): Promise<void> {
  const unfinished = `${resultsFile(name)}.unfinished`;
  await rm(unfinished, { force: true });
  console.log(`${workspace} ${script}`);
  const { program, args, shell } = npmCommand(['run', '--silent', script, '-w', workspace]);
  const child = spawn(program, args, {
    shell,
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...env, PATCHSLIM_BENCH: unfinished },
  });
  const status = await new Promise<number | null>((done, fail) => {
    child.on('error', fail);
    child.on('close', done);
  });
  if (status !== 0) throw new Error(`${workspace} ${script} ended with ${status}`);
  if (!existsSync(unfinished)) throw new Error(`${workspace} ${script} measured nothing`);
  await renameFile(unfinished, resultsFile(name));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const wanted = process.argv.slice(2);
  const unknown = wanted.filter((name) => !benchmarks.some((benchmark) => benchmark.name === name));
  if (unknown.length > 0) throw new Error(`no benchmark is called ${unknown.join(', ')}`);
  for (const benchmark of benchmarks) {
    if (wanted.length === 0 || wanted.includes(benchmark.name)) await run(benchmark);
  }
}
