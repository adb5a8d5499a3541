/** A comparison of plans as one self-contained HTML page: a table, and plots of accuracy over cost. */

import type { Comparison, PlanFigures } from '@patchslim/slimming';
import { klNote } from './describe-step.js';
import { fixed, formatDifference, formatPercent, formatSpeedup, integer, macsFormat } from './numbers.js';
import { note, renderPage } from './page.js';
import { plotCurves } from './plot-curves.js';
import { element, escape } from './svg.js';
import { table } from './table.js';

interface Axis {
  readonly label: string;
  readonly of: (plan: PlanFigures) => number | undefined;
}

const cost: Axis = { label: 'share of the dense MACs, %', of: ({ macShare }) => 100 * macShare };
const speed: Axis = { label: 'speed-up, ×', of: ({ speedup }) => speedup };
const top1: Axis = { label: 'top-1, %', of: (plan) => plan.top1 };
const precision: Axis = { label: 'mAP, %', of: ({ mAP }) => mAP };
const agreement: Axis = { label: 'same class as dense, %', of: (plan) => plan.agreement };
const cosine: Axis = { label: 'cosine to dense', of: ({ embedding }) => embedding?.cosine };

/**
 * Plots a comparison: accuracy and agreement with the dense network, of encoders the cosine to it, over cost and over speed.
 *
 * @returns self-contained SVGs by name, such as `accuracy-by-macs`; a plot is left out when a plan lacks its figures
 */
export function plotComparison(title: string, { plans }: Comparison): ReadonlyMap<string, string> {
  const plots = new Map<string, string>();
  const accuracy = plans.some(({ mAP }) => mAP !== undefined) ? precision : top1;
  for (const [name, x, y] of [
    ['accuracy-by-macs', cost, accuracy],
    ['agreement-by-macs', cost, agreement],
    ['accuracy-by-speed', speed, accuracy],
    ['agreement-by-speed', speed, agreement],
    ['cosine-by-macs', cost, cosine],
    ['cosine-by-speed', speed, cosine],
  ] as const) {
    if (plans.some((plan) => x.of(plan) === undefined || y.of(plan) === undefined)) continue;
    const series = [...new Set(plans.map(({ method }) => method))].map((method) => ({
      name: method,
      points: plans
        .filter((plan) => plan.method === method)
        .map((plan) => [x.of(plan)!, y.of(plan)!] as const)
        .sort((a, b) => a[0] - b[0]),
    }));
    plots.set(name, plotCurves({ title, xLabel: x.label, yLabel: y.label, series }));
  }
  return plots;
}

/**
 * Renders a comparison as one page: a table, and the plots of `plotComparison`.
 *
 * @returns an HTML document that needs no script, no network and no second file
 * @example
 * const comparison = await compare(model, images, { methods: ['ward', 'tome'], runs: 20 });
 * await writeFile('compare.html', renderComparison('DeiT-Tiny', comparison));
 */
export function renderComparison(title: string, comparison: Comparison): string {
  const { images, dense, plans } = comparison;
  const hasLabels = dense.top1 !== undefined;
  const hasPrecision = dense.mAP !== undefined;
  const isEncoder = plans.some(({ embedding }) => embedding !== undefined);
  const { unit, format } = macsFormat(dense.macs);
  const head = [
    ...['method', 'schedule', unit],
    ...(hasLabels ? ['top-1', 'change, 95 % interval'] : []),
    ...(hasPrecision ? ['mAP'] : []),
    ...divergenceColumns(isEncoder),
    'speed-up',
  ];
  const rows = plans.map((plan) => [
    ...[plan.method, plan.schedule, format(plan.macs)],
    ...(hasLabels ? [formatPercent(plan.top1, plan.intervals.top1), formatDifference(plan.change)] : []),
    ...(hasPrecision ? [formatPercent(plan.mAP, undefined)] : []),
    ...divergenceCells(plan),
    formatSpeedup(plan.speedup, plan.spread),
  ]);
  const ofDense = [
    'dense',
    '',
    format(dense.macs),
    ...(hasLabels ? [formatPercent(dense.top1, dense.intervals.top1), ''] : []),
    ...(hasPrecision ? [formatPercent(dense.mAP, undefined)] : []),
    ...divergenceColumns(isEncoder).map(() => ''),
    '',
  ];
  const about =
    `All plans ran on the same ${integer(images)} images. In brackets: 95 % intervals of shares, quartiles of speed-ups.` +
    (hasLabels ? ' A change is significant if its interval does not contain 0.' : '');
  return renderPage(
    title,
    element('p', { class: 'headline' }, escape(about)),
    table(head, [ofDense, ...rows]),
    isEncoder ? '' : note(klNote),
    ...plotComparison(title, comparison).values(),
  );
}

/** What a comparison says of the distance to the dense network. */
export const divergenceColumns = (isEncoder: boolean): readonly string[] =>
  isEncoder
    ? ['cosine to dense', 'first percentile', 'same nearest image']
    : ['same class as dense', 'KL, nats'];

/** The same for one plan. */
export const divergenceCells = ({
  embedding,
  agreement,
  intervals,
  divergence,
}: PlanFigures): readonly string[] =>
  embedding
    ? [
        fixed(embedding.cosine, 4),
        fixed(embedding.cosineP1, 4),
        formatPercent(embedding.neighbour1, undefined),
      ]
    : [formatPercent(agreement, intervals.agreement), fixed(divergence, 4)];
