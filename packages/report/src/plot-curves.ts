/** Curves in one plot, for docs and reports: accuracy over cost, tokens over blocks. */

import { PatchslimError } from '@patchslim/tensor';
import { axisOf, type Axis } from './axis.js';
import { drawing, element, escape, palette, round } from './svg.js';

/** Curves with their title and axes. */
export interface CurvePlot {
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  /** One curve each, drawn through its points `[x, y]` in order. */
  readonly series: readonly {
    readonly name: string;
    readonly points: readonly (readonly [x: number, y: number])[];
  }[];
}

type Curve = CurvePlot['series'][number];

const frame = { left: 64, top: 40, width: 480, height: 300, bottom: 54 };
const right = frame.left + frame.width;
const floor = frame.top + frame.height;

// Curves differ in shape as well as colour. [x, y] is the centre.
const markers: readonly ((x: number, y: number) => string)[] = [
  (x, y) => `M${x - 4} ${y}a4 4 0 1 0 8 0a4 4 0 1 0 -8 0z`,
  (x, y) => `M${x - 3.5} ${y - 3.5}h7v7h-7z`,
  (x, y) => `M${x} ${y - 5}l5 5l-5 5l-5 -5z`,
  (x, y) => `M${x} ${y - 4.5}l5 8h-10z`,
];

/**
 * Plots curves with axes, ticks and a legend.
 *
 * @returns a self-contained SVG
 * @throws INVALID_ARGUMENT without any point, or with a point that is not finite
 * @example
 * plotCurves({ title: 'DeiT-S', xLabel: 'GMACs', yLabel: 'top-1, %', series: [{ name: 'impact', points: [[2.6, 79.4], [4.6, 79.8]] }] });
 */
export function plotCurves({ title, xLabel, yLabel, series }: CurvePlot): string {
  const points = series.flatMap((curve) => curve.points);
  const wrong = points.find((point) => !point.every(Number.isFinite));
  if (wrong || points.length === 0) {
    throw new PatchslimError(
      'INVALID_ARGUMENT',
      `plotCurves(): expected finite points, got ${wrong ? `[${wrong.join(', ')}]` : 'none'} for '${title}'`,
      { title },
    );
  }
  const x = axisOf(
    points.map((point) => point[0]),
    6,
  );
  const y = axisOf(
    points.map((point) => point[1]),
    5,
  );
  const toX = (value: number) => round(frame.left + (frame.width * (value - x.min)) / (x.max - x.min));
  const toY = (value: number) => round(floor - (frame.height * (value - y.min)) / (y.max - y.min));
  const longest = Math.max(...series.map(({ name }) => name.length));
  const names = series.map(({ name }) => name).join(', ');
  return drawing(
    {
      width: right + 52 + 7 * longest,
      height: floor + frame.bottom,
      title,
      label: `${title}: ${yLabel} over ${xLabel} for ${names}`,
    },
    element(
      'text',
      { x: frame.left, y: 20, class: 'patchslim-ink', 'font-size': 14, 'font-weight': 600 },
      escape(title),
    ),
    ...xTicks(x, toX),
    ...yTicks(y, toY),
    text({ x: (frame.left + right) / 2, y: floor + 40, 'text-anchor': 'middle' }, xLabel),
    text(
      { transform: `translate(16 ${(frame.top + floor) / 2}) rotate(-90)`, 'text-anchor': 'middle' },
      yLabel,
    ),
    ...series.map((curve, index) => drawCurve(curve, index, toX, toY)),
    ...series.map((curve, index) => legendEntry(curve, index)),
  );
}

type Scale = (value: number) => number;

function drawCurve({ name, points }: Curve, index: number, toX: Scale, toY: Scale): string {
  const at = points.map(([px, py]) => [toX(px), toY(py)] as const);
  const { color, marker } = look(index);
  return element(
    'g',
    {},
    element('title', {}, escape(name)),
    element('polyline', {
      points: at.map((p) => p.join(',')).join(' '),
      fill: 'none',
      stroke: color,
      'stroke-width': 2,
    }),
    element('path', { d: at.map(([px, py]) => marker(px, py)).join(''), fill: color }),
  );
}

function legendEntry({ name }: Curve, index: number): string {
  const { color, marker } = look(index);
  const y = frame.top + 10 + index * 22;
  return (
    element('path', { d: `M${right + 16} ${y}h24`, stroke: color, 'stroke-width': 2 }) +
    element('path', { d: marker(right + 28, y), fill: color }) +
    text({ x: right + 48, y: y + 4 }, name, 'patchslim-ink')
  );
}

function look(index: number) {
  return { color: palette[index % palette.length]!, marker: markers[index % markers.length]! };
}

function xTicks({ ticks, format }: Axis, toX: Scale): string[] {
  return ticks.map(
    (tick) =>
      line(`M${toX(tick)} ${floor}v5`) +
      text({ x: toX(tick), y: floor + 19, 'text-anchor': 'middle' }, format(tick)),
  );
}

function yTicks({ ticks, format }: Axis, toY: Scale): string[] {
  return ticks.map(
    (tick) =>
      line(`M${frame.left} ${toY(tick)}h${frame.width}`) +
      text({ x: frame.left - 8, y: toY(tick) + 4, 'text-anchor': 'end' }, format(tick)),
  );
}

function line(d: string): string {
  return element('path', { d, class: 'patchslim-line', fill: 'none' });
}

function text(
  attributes: Readonly<Record<string, string | number>>,
  content: string,
  ink = 'patchslim-faint',
): string {
  return element('text', { ...attributes, class: ink }, escape(content));
}
