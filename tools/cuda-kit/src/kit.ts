/** Runs all parts of the kit and writes the file to send back. The file is rewritten after each backend: an end in between loses little. */

import { renameFile } from '@patchslim/tensor/files';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { backendChoices } from '@patchslim/backends';
import { version } from '@patchslim/slimming';
import { findByName } from '@patchslim/tensor';
import { describeEnvironment } from './environment.js';
import type { KitOptions } from './options.js';
import { parseKitResults, type BackendResults, type KitResults } from './results.js';
import { root } from './root.js';
import { planOnCpu, runBackend } from './run-backend.js';
import { runCommand } from './run-command.js';
import { setUp } from './set-up.js';

/** @param say prints a line of progress */
export async function runKit(options: KitOptions, say: (line: string) => void): Promise<KitResults> {
  for (const name of options.backends) findByName(backendChoices, name, 'backend');
  const scratch = await mkdtemp(join(tmpdir(), 'patchslim-cuda-kit-'));
  const out = resolve(options.out);
  const commit = await runCommand('git', ['rev-parse', '--short', 'HEAD'], { cwd: root });
  const steps = options.setUp ? await setUp(options.backends, say) : [];
  for (const { name, outcome } of steps) say(`  ${outcome.status}: ${name}${reasonOf(outcome)}`);
  const results: KitResults = {
    format: 'patchslim-cuda-kit',
    version: 1,
    date: new Date().toISOString(),
    patchslim: { version, commit: commit.problem === undefined ? commit.stdout.trim() : null },
    options: optionsOf(options),
    environment: await describeEnvironment(),
    setUp: steps,
    backends: [],
  };
  const cpuPlan = join(scratch, 'cpu-plan.json');
  if (options.parts.includes('plan')) say('plan on the CPU …');
  const problem = options.parts.includes('plan') ? await planOnCpu(options, cpuPlan) : undefined;
  const backends: BackendResults[] = [];
  for (const name of options.backends) {
    say(`${name} …`);
    const found = await runBackend(name, options, { file: cpuPlan, problem });
    backends.push(found);
    for (const [part, outcome] of Object.entries(found)) {
      if (typeof outcome !== 'string' && outcome.status !== 'not asked for')
        say(`  ${outcome.status.padEnd(11)}  ${part}${reasonOf(outcome)}`);
    }
    await write(out, { ...results, backends });
  }
  await rm(scratch, { recursive: true });
  say(`\nSend this file back: ${out}`);
  return { ...results, backends };
}

/** Checked against the schema, then whole or not at all. */
async function write(file: string, results: KitResults): Promise<void> {
  const text = `${JSON.stringify(parseKitResults(results), null, 2)}\n`;
  await writeFile(`${file}.part`, text);
  await renameFile(`${file}.part`, file);
}

const reasonOf = (outcome: { readonly status: string }): string =>
  'reason' in outcome && typeof outcome.reason === 'string' ? `: ${outcome.reason}` : '';

function optionsOf({
  cases,
  backends,
  batches,
  methods,
  parts,
  ...others
}: KitOptions): KitResults['options'] {
  const { out, ...rest } = others;
  void out; // a path of the machine
  const lists = { backends: [...backends], batches: [...batches], methods: [...methods], parts: [...parts] };
  return { ...rest, ...lists, cases: Number.isFinite(cases) ? cases : 'all' };
}
