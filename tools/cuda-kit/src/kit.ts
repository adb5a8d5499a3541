/** Runs all parts of the kit and writes the file to send back. The file is rewritten after each backend: an end in between loses little. */

import { renameFile } from '@patchslim/tensor/files';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { backendChoices } from '@patchslim/backends';
import { findByName } from '@patchslim/tensor';
import { describeEnvironment, installedVersion } from './environment.js';
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
    patchslim: {
      version: installedVersion('patchslim')!,
      commit: commit.problem === undefined ? commit.stdout.trim() : null,
    },
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
    report(found, say);
    await write(out, { ...results, backends });
  }
  await rm(scratch, { recursive: true });
  say(`\nSend this file back: ${out}`);
  return { ...results, backends };
}

/** A line for each part; one that could not run for the reason of `open` is not told again. */
function report({ name, open, ...parts }: BackendResults, say: (line: string) => void): void {
  void name;
  const opening = reasonOf(open);
  for (const [part, outcome] of Object.entries({ open, ...parts })) {
    const reason = reasonOf(outcome);
    const told = part !== 'open' && opening !== '' && reason === opening;
    if (outcome.status !== 'not asked for' && !told) say(`  ${outcome.status.padEnd(11)}  ${part}${reason}`);
  }
}

/** Checked against the schema, then whole or not at all. */
async function write(file: string, results: KitResults): Promise<void> {
  const text = `${JSON.stringify(withoutPaths(parseKitResults(results)), null, 2)}\n`;
  await writeFile(`${file}.part`, text);
  await renameFile(`${file}.part`, file);
}

/** The file is sent to others: the folders of this repository and of the user are left out of messages. */
export function withoutPaths<T>(value: T): T {
  const hide = (text: string): string => text.replaceAll(root, '').replaceAll(homedir(), '~');
  const replace = (_: string, part: unknown): unknown => (typeof part === 'string' ? hide(part) : part);
  return JSON.parse(JSON.stringify(value), replace) as T;
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
