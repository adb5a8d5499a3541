/**
 * Writes the results in recipes/run-on-cuda.md from results/cuda/*.json, the files that the CUDA kit wrote on machines of others:
 * `npm run cuda-page -w docs`. With `--check` it changes nothing and fails where the page says something else.
 */

import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseKitResults, type BackendResults, type KitResults } from '@patchslim/cuda-kit';
import { withGenerated } from './markdown/generated.js';
import { root } from './markdown/repository.js';
import { table } from './markdown/table.js';

export const cudaPage = `${root}docs/recipes/run-on-cuda.md`;
const folder = `${root}docs/results/cuda`;

/** The page as it should be: its written part as it is, then a section for each file. */
export async function renderCudaPage(): Promise<string> {
  const files = existsSync(folder)
    ? (await readdir(folder)).filter((file) => file.endsWith('.json')).sort()
    : [];
  const results = await Promise.all(
    files.map(async (file) => parseKitResults(JSON.parse(await readFile(join(folder, file), 'utf8')))),
  );
  const none = 'No results yet: nobody with an NVIDIA GPU has run the kit.\n';
  const sections = results.length > 0 ? results.map(renderKitResults) : [none];
  return withGenerated(cudaPage, 'cuda-page', ['## Results\n', ...sections].join('\n'));
}

/** One machine: what was found, then the speed. */
export function renderKitResults({ date, patchslim, environment, setUp, backends }: KitResults): string {
  const { gpus, cpu, node, platform } = environment;
  const gpu =
    gpus.status === 'passed'
      ? gpus.list.map(({ name, driver }) => `${name}, driver ${driver}`).join('; ')
      : 'no NVIDIA GPU';
  const commit = patchslim.commit === null ? '' : `, commit ${patchslim.commit}`;
  const parts = ['open', 'conformance', 'pipeline', 'plan', 'planWithTf32'] as const;
  const reasons = [
    ...setUp.map(({ name, outcome }) => [name, outcome] as const),
    ...backends.flatMap((backend) =>
      [...parts, 'speed' as const].map((part) => [`${backend.name}, ${part}`, backend[part]] as const),
    ),
  ].flatMap(([where, outcome]) =>
    'reason' in outcome ? [{ where, reason: `${outcome.status}: ${outcome.reason}` }] : [],
  );
  return [
    `### ${gpu}\n`,
    `${date.slice(0, 10)}, ${cpu}, ${platform}, Node ${node}, patchslim ${patchslim.version}${commit}.\n`,
    table(
      ['backend', 'opens', 'conformance', 'pipeline', 'plan as on the CPU', 'with TF32'],
      backends.map(rowOf),
    ),
    ...speedTables(backends),
    ...(reasons.length > 0 ? [`${groupByReason(reasons).join('\n')}\n`] : []),
  ].join('\n');
}

function rowOf({ name, open, conformance, pipeline, plan, planWithTf32 }: BackendResults): string[] {
  const cases =
    'cases' in conformance && conformance.cases !== undefined
      ? `${conformance.passed} of ${conformance.cases}`
      : mark(conformance);
  return [name, mark(open), cases, mark(pipeline), withDifference(plan), withDifference(planWithTf32)];
}

const marks = { passed: '✓', failed: '✗', unavailable: '–', 'not asked for': '' } as const;
const mark = ({ status }: { readonly status: keyof typeof marks }): string => marks[status];

/** Whether the same tokens are kept, and by how much scores differ. */
function withDifference(plan: BackendResults['plan']): string {
  const difference = 'scoreDifference' in plan ? plan.scoreDifference : undefined;
  return difference === undefined ? mark(plan) : `${mark(plan)} (scores to ${difference.toExponential(0)})`;
}

function speedTables(backends: readonly BackendResults[]): string[] {
  const rows = backends.flatMap(({ name, speed }) =>
    speed.status === 'passed'
      ? speed.timings.map(({ plan, batch, denseMs, slimmedMs, speedup, quartiles, macRatio }) => [
          name,
          plan,
          String(batch),
          denseMs.toPrecision(3),
          slimmedMs.toPrecision(3),
          `${speedup.toFixed(2)} (${quartiles[0].toFixed(2)}–${quartiles[1].toFixed(2)})`,
          macRatio.toFixed(2),
        ])
      : [],
  );
  if (rows.length === 0) return [];
  const models = new Set(backends.flatMap(({ speed }) => (speed.status === 'passed' ? [speed.model] : [])));
  const header = ['backend', 'plan', 'batch', 'dense, ms/image', 'slimmed', 'speed-up (quartiles)', 'MACs'];
  return [`Speed of ${[...models].join(', ')}:\n`, table(header, rows)];
}

/** One line for each different reason. */
function groupByReason(found: readonly { readonly where: string; readonly reason: string }[]): string[] {
  const lines = new Map<string, string[]>();
  for (const { where, reason } of found) lines.set(reason, [...(lines.get(reason) ?? []), where]);
  return [...lines].map(([reason, where]) => `- ${where.join('; ')}: ${reason}`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const page = await renderCudaPage();
  if (!process.argv.includes('--check')) await writeFile(cudaPage, page);
  else if (page !== (await readFile(cudaPage, 'utf8'))) {
    console.error('recipes/run-on-cuda.md is not what results/cuda says: npm run cuda-page -w docs');
    process.exitCode = 1;
  }
}
