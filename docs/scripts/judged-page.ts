/**
 * Writes the tables of guide/judged-plans.md from results/judged.json, which `packages/slimming/bench/budgets.ts --keep` wrote:
 * `npm run judged-page -w docs`. A test compares them.
 */

import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Ends, JudgedPlan, JudgedPlans } from '@patchslim/testing';
import { withGenerated } from './markdown/generated.js';
import { root } from './markdown/repository.js';
import { table } from './markdown/table.js';

export const judgedPage = `${root}docs/guide/judged-plans.md`;
export const judgedFile = `${root}docs/results/judged.json`;

/** The page as it should be: its written part as it is, then the results. */
export async function renderJudgedPage(): Promise<string> {
  const results = JSON.parse(await readFile(judgedFile, 'utf8')) as JudgedPlans;
  return withGenerated(judgedPage, 'judged-page', renderJudged(results));
}

/** A section for each schedule: the nearest to the dense network first. */
export function renderJudged({ model, judges, plans }: JudgedPlans): string {
  const schedules = [...new Set(plans.map(({ schedule }) => schedule))];
  return [
    '## Results\n',
    `\`${model}\`, judged on ${judges.images} images of \`${judges.name}\`, dense ${judges.top1.toFixed(1)} %.\n`,
    ...schedules.flatMap((schedule) =>
      section(
        schedule,
        plans.filter((plan) => plan.schedule === schedule),
      ),
    ),
    ...notes(plans),
  ].join('\n');
}

function section(schedule: string, plans: readonly JudgedPlan[]): string[] {
  const header = [
    ...['method', 'weights', 'MACs', 'KL', 'top-1, change', 'same class'],
    ...['batch 1', 'batch 8', 'nodes', 'date'],
  ];
  const rows = plans
    .toSorted((a, b) => a.divergence.mean - b.divergence.mean)
    .map((plan) => [
      `\`${plan.method}\``,
      weightsOf(plan),
      `${(100 * plan.macs).toFixed(1)} %`,
      `${plan.divergence.mean.toFixed(4)} (${ends(plan.divergence.interval, (value) => value.toFixed(4))})`,
      `${plan.top1.percent.toFixed(1)} %, ${signed(plan.top1.change)} (${ends(plan.top1.interval, signed)})`,
      `${plan.agreement.toFixed(1)} %`,
      ...[1, 8].map((batch) => speedAt(plan, batch)),
      `${plan.nodes.slimmed}`,
      plan.date,
    ]);
  return [`### \`${schedule}\`\n`, table(header, rows)];
}

const weightsOf = ({ adapted }: JudgedPlan): string =>
  adapted === undefined ? 'unchanged' : `\`${adapted.recovery}\``;

const speedAt = ({ speed }: JudgedPlan, batch: number): string => {
  const found = speed.find((one) => one.batch === batch);
  return found ? `${found.ratio.toFixed(2)} × (${ends(found.quartiles, (value) => value.toFixed(2))})` : '–';
};

/** What learned, the machine, and the commands. */
function notes(plans: readonly JudgedPlan[]): string[] {
  const learned = new Set(
    plans.flatMap(({ adapted }) => {
      if (adapted === undefined) return [];
      const { recovery, set, learned, chose } = adapted;
      return [`- \`${recovery}\`: ${learned} images of \`${set}\` learned, ${chose} others chose the epoch`];
    }),
  );
  const machines = new Set(
    plans.map(
      ({ machine: { cpu, cores, memoryGiB, platform } }) =>
        `${cores} cores of ${cpu}, ${memoryGiB} GiB, ${platform}`,
    ),
  );
  const loads = plans.map(({ machine }) => machine.load);
  const dense = [...new Set(plans.map(({ nodes }) => nodes.dense))];
  const commands = [...new Set(plans.map(({ command }) => command))];
  return [
    `Nodes of the dense network: ${dense.join(', ')}. Machine: ${[...machines].join('; ')}; load before: ${Math.min(...loads)} to ${Math.max(...loads)}.\n`,
    ...(learned.size > 0 ? ['Adapted weights:\n', ...learned, ''] : []),
    `<details><summary>Commands</summary>\n\n\`\`\`bash\n${commands.join('\n')}\n\`\`\`\n\n</details>\n`,
  ];
}

const signed = (value: number): string => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(1)}`;
const ends = ([low, high]: Ends, text: (value: number) => string): string => `${text(low)} to ${text(high)}`;

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await writeFile(judgedPage, await renderJudgedPage());
}
