/** Runs the parts of one backend in child processes and collects what they found, also when a process crashes. */

import { fileURLToPath } from 'node:url';
import { readLine, type Task } from './child.js';
import type { KitOptions } from './options.js';
import type { BackendResults } from './results.js';
import { root } from './root.js';
import { runCommand } from './run-command.js';

const child = fileURLToPath(new URL('child.ts', import.meta.url));
const source = ['--conditions=@patchslim/source', '--import=tsx'];
const onCuda = ['cuda', 'tfjs-node-gpu'];

/** NVIDIA's libraries round inputs of float32 products to 10 bits (TF32) unless this is set. */
const withoutTf32 = { NVIDIA_TF32_OVERRIDE: '0' };
const names = ['conformance', 'pipeline', 'plan', 'planWithTf32', 'speed'] as const;

type Outcomes = Record<string, Readonly<Record<string, unknown>>>;

/** @returns why the CPU gave no plan, or undefined */
export async function planOnCpu(options: KitOptions, cpuPlan: string): Promise<string | undefined> {
  const parts = [{ name: 'cpu-plan', part: 'cpu-plan' }];
  const outcomes = await runChild({ backend: 'native', parts, options, cpuPlan }, {});
  const { status, reason } = outcomes['cpu-plan'] ?? outcomes['open']!;
  return status === 'passed' ? undefined : String(reason);
}

export async function runBackend(
  name: string,
  options: KitOptions,
  cpu: { readonly file: string; readonly problem: string | undefined },
): Promise<BackendResults> {
  const asked = names.filter((part) => isAsked(part, name, options));
  const outcomes: Outcomes = {};
  const plans = asked.filter((part) => part.startsWith('plan'));
  if (cpu.problem !== undefined) {
    for (const part of plans)
      outcomes[part] = { status: 'unavailable', reason: `the CPU gave no plan: ${cpu.problem}` };
  }
  const exact = asked.filter(
    (part) => part !== 'speed' && part !== 'planWithTf32' && outcomes[part] === undefined,
  );
  const usual = asked.filter((part) => !exact.includes(part) && outcomes[part] === undefined);
  const cuda = onCuda.includes(name);
  const groups = cuda
    ? [
        { parts: exact, env: withoutTf32 },
        { parts: usual, env: {} },
      ]
    : [{ parts: [...exact, ...usual], env: {} }];
  for (const { parts, env } of groups) {
    if (parts.length === 0) continue;
    const task = parts.map((part) => ({ name: part, part: part === 'planWithTf32' ? 'plan' : part }));
    const found = await runChild({ backend: name, parts: task, options, cpuPlan: cpu.file }, env);
    Object.assign(outcomes, found);
    if (found['open']?.['status'] !== 'passed') {
      const reason = String(found['open']?.['reason']);
      for (const part of asked) outcomes[part] ??= { status: 'unavailable', reason };
      break;
    }
  }
  const missing = { status: 'not asked for' };
  const result = {
    name,
    open: outcomes['open'] ?? missing,
    ...Object.fromEntries(names.map((part) => [part, outcomes[part] ?? missing])),
  };
  return result as unknown as BackendResults; // the schema checks it before it is written
}

function isAsked(part: string, backend: string, options: KitOptions): boolean {
  if (part === 'planWithTf32') return onCuda.includes(backend) && options.parts.includes('plan');
  return options.parts.includes(part);
}

/** The outcomes of a process by part. The part that was running when it ended, and those behind, failed. */
async function runChild(task: Task, env: Readonly<Record<string, string>>): Promise<Outcomes> {
  const outcomes: Outcomes = {};
  let running = 'open';
  const { problem } = await runCommand(process.execPath, [...source, child, JSON.stringify(task)], {
    cwd: root,
    env,
    timeoutMs: task.options.minutes * 60_000,
    onLine(text) {
      const line = readLine(text);
      if (line === undefined) return;
      if ('begin' in line) running = line.begin;
      else outcomes[line.part] = line.outcome;
    },
  });
  if (problem === undefined) return outcomes;
  const expected = ['open', ...task.parts.map(({ name }) => name)];
  for (const part of expected) {
    outcomes[part] ??= {
      status: 'failed',
      seconds: 0,
      reason: `the process ended in '${running}', ${problem}`,
    };
  }
  return outcomes;
}
