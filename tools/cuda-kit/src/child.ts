/**
 * One backend in a process of its own, since CUDA's versions do not share one and a driver may end it. The task comes as JSON in the
 * first argument; each part that ends is one line of JSON on stdout, so that a crash costs only the part that it hits.
 */

import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { openBackend, pickBackend } from '@patchslim/backends';
import type { Backend } from '@patchslim/tensor';
import { secondsSince } from './environment.js';
import { conformance, firstLine } from './parts/conformance.js';
import { pipeline } from './parts/pipeline.js';
import { comparePlans, findPlan, type FoundPlan } from './parts/plan.js';
import { speed } from './parts/speed.js';
import type { KitOptions } from './options.js';

export interface Task {
  readonly backend: string;
  /** Names of the results, and the part that makes each. */
  readonly parts: readonly { readonly name: string; readonly part: string }[];
  /** JSON has no infinity: of all cases it is null. */
  readonly options: Omit<KitOptions, 'cases'> & { readonly cases: number | null };
  /** The plan of the CPU; the part `cpu-plan` writes it. */
  readonly cpuPlan: string;
}

/** A line of a child. `begin` tells which part a crash hits. */
export type Line =
  { readonly begin: string } | { readonly part: string; readonly outcome: Readonly<Record<string, unknown>> };

const prefix = '#cuda-kit ';
const say = (line: Line): void => void process.stdout.write(`${prefix}${JSON.stringify(line)}\n`);

/** The line in a text; undefined for what a runtime prints beside. */
export const readLine = (text: string): Line | undefined =>
  text.startsWith(prefix) ? (JSON.parse(text.slice(prefix.length)) as Line) : undefined;

/** What a part found, and what is wrong with it. */
type Found = Readonly<Record<string, unknown>> & { readonly problems?: readonly string[] };

async function runTask({ backend: name, parts, options, cpuPlan }: Task): Promise<void> {
  say({ begin: 'open' });
  const start = performance.now();
  let backend: Backend;
  try {
    ({ backend } = await pickBackend([name])); // it also computes one number
  } catch (error) {
    const named = await openBackend(name).then(
      () => error,
      (reason: unknown) => reason,
    );
    say({ part: 'open', outcome: { status: 'unavailable', reason: firstLine(named) } });
    return;
  }
  say({ part: 'open', outcome: { status: 'passed', seconds: secondsSince(start) } });
  const cases = options.cases ?? Infinity;
  const work: Readonly<Record<string, () => Promise<Found>>> = {
    async conformance() {
      const found = await conformance(backend, cases);
      const failed = found.failures.length;
      return { ...found, ...(failed > 0 ? { problems: [`${failed} of ${found.cases} cases failed`] } : {}) };
    },
    pipeline: () => pipeline(backend, options.methods),
    async plan() {
      const cpu = JSON.parse(await readFile(cpuPlan, 'utf8')) as FoundPlan;
      return comparePlans(await findPlan(backend, options.images), cpu, options.images);
    },
    async 'cpu-plan'() {
      await writeFile(cpuPlan, JSON.stringify(await findPlan(backend, options.images)));
      return {};
    },
    speed: () => speed(backend, options),
  };
  for (const { name: part, part: kind } of parts) {
    say({ begin: part });
    const start = performance.now();
    try {
      const { problems = [], ...found } = await work[kind]!();
      const failed = problems.length > 0;
      const status = failed ? { status: 'failed', reason: problems.join('; ') } : { status: 'passed' };
      say({ part, outcome: { ...status, seconds: secondsSince(start), ...found } });
    } catch (error) {
      say({ part, outcome: { status: 'failed', seconds: secondsSince(start), reason: firstLine(error) } });
    }
  }
  await backend.close();
}

// As a module it only gives `readLine`.
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await runTask(JSON.parse(process.argv[2]!) as Task);
  process.exit(); // some runtimes keep threads
}
