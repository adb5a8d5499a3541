/** A comparison as one HTML page without anything outside: a table, and plots of what is kept over what it costs. */

import { differenceWithin, integer, macsFormat, percentWithin, speedupWithin } from '../report/numbers.js';
import { renderPage } from '../report/page.js';
import { plotCurves } from '../report/plot-curves.js';
import { table } from '../report/report-tables.js';
import { element, escape } from '../report/svg.js';
import type { Comparison, PlanFigures } from './compare-plans.js';

interface Axis {
  readonly label: string;
  readonly of: (plan: PlanFigures) => number | undefined;
}

const cost: Axis = { label: 'share of the dense MACs, %', of: ({ macShare }) => 100 * macShare };
const speed: Axis = { label: 'speed-up, ×', of: ({ speedup }) => speedup };
const accuracy: Axis = { label: 'top-1, %', of: ({ top1 }) => top1 };
const agreement: Axis = { label: 'same class as dense, %', of: (plan) => plan.agreement };

/** Plots by file name: those for which there are figures. */
export function plotComparison(title: string, { plans }: Comparison): ReadonlyMap<string, string> {
  const plots = new Map<string, string>();
  for (const [name, x, y] of [
    ['accuracy-by-macs', cost, accuracy],
    ['agreement-by-macs', cost, agreement],
    ['accuracy-by-speed', speed, accuracy],
    ['agreement-by-speed', speed, agreement],
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

/** A comparison as one HTML page: a table, and plots over cost and speed. */
export function renderComparison(title: string, comparison: Comparison): string {
  const { images, dense, plans } = comparison;
  const hasLabels = dense.top1 !== undefined;
  const { unit, format } = macsFormat(dense.macs);
  const head = [
    ...['method', 'schedule', unit],
    ...(hasLabels ? ['top-1', 'change, 95 % interval'] : []),
    ...['same class as dense', 'divergence, nats', 'speed-up'],
  ];
  const rows = plans.map((plan) => [
    ...[plan.method, plan.schedule, format(plan.macs)],
    ...(hasLabels ? [percentWithin(plan.top1!, images), changeText(plan)] : []),
    ...[percentWithin(plan.agreement, images), plan.divergence.toFixed(4)],
    speedText(plan),
  ]);
  const ofDense = [
    'dense',
    '',
    format(dense.macs),
    ...(hasLabels ? [percentWithin(dense.top1, images), ''] : []),
    '',
    '',
    '',
  ];
  const about =
    `All on the same ${integer(images)} images. In brackets: 95 % intervals of the shares, quartiles of the speed-ups.` +
    (hasLabels ? ' A change whose interval holds 0 may be none.' : '');
  return renderPage(
    title,
    element('p', { class: 'headline' }, escape(about)),
    table(head, [ofDense, ...rows]),
    ...plotComparison(title, comparison).values(),
  );
}

/** Such as `−1.5 (−2.6 to −0.4)`; empty without labels. */
export const changeText = ({ change }: PlanFigures): string => (change ? differenceWithin(change) : '');

/** Such as `1.35 × (1.31–1.40)`; empty where it was not measured. */
export const speedText = ({ speedup, spread }: PlanFigures): string =>
  speedup === undefined ? '' : speedupWithin(speedup, spread ?? [speedup, speedup]);
