/** The tables of a report: accuracy and speed, and the cost of each block. */

import type { EvaluatedPair, PairedDifference } from '@patchslim/slimming';
import { activationOf, embeddingRows, figureNames, shareOf } from './head-figures.js';
import { formatDifference, formatPercent, integer, macsFormat, percent, signed, unknown } from './numbers.js';
import type { PlanSummary } from './summary.js';
import { table } from './table.js';

/**
 * Dense and slimmed side by side, shares with their intervals. A figure that neither has gets no row. Speeds are not
 * compared, because the two networks ran one after the other.
 */
export function evaluationTable({ dense, slimmed, change }: EvaluatedPair): string {
  const names = figureNames(activationOf(slimmed));
  const points = (name: string, figure: Share, paired?: PairedDifference): string[][] => {
    const [[before, ofDense], [after, ofSlimmed]] = [shareOf(dense, figure), shareOf(slimmed, figure)];
    if (before === undefined && after === undefined) return [];
    const known = before !== undefined && after !== undefined;
    const difference = paired ? formatDifference(paired) : known ? signed(after - before) : '';
    return [
      [
        name,
        formatPercent(before, ofDense),
        formatPercent(after, ofSlimmed),
        difference === '' ? '' : `${difference} points`,
      ],
    ];
  };
  const speed = [dense, slimmed].map(({ imagesPerSecond: n }) => (n < 100 ? n.toFixed(1) : integer(n)));
  return table(
    ['', 'dense', 'slimmed', 'difference'],
    [
      ...names.accuracy.flatMap(([name, figure]) =>
        points(
          figure === 'mAP' ? name : `${name} accuracy`,
          figure,
          figure === 'mAP' ? undefined : change?.[figure],
        ),
      ),
      ...points(names.agreement, 'agreement'),
      ...embeddingRows(slimmed).map(([name, text]) => [name, '', text, '']),
      ['images', integer(dense.images), integer(slimmed.images), ''],
      ['images per second', ...speed, ''],
    ],
  );
}

type Share = 'top1' | 'top5' | 'mAP' | 'agreement';

/**
 * One row per block, the rest of the network, and the total.
 *
 * @param errors of the step `top-down`, one per block: they add a column
 */
export function blockTable(
  { blocks, macs }: PlanSummary,
  errors: readonly (number | null)[] | undefined,
): string {
  const { unit, format } = macsFormat(Math.max(...blocks.map(({ denseMacs }) => denseMacs)));
  const inBlocks = (of: 'macs' | 'denseMacs') => blocks.reduce((sum, block) => sum + block[of], 0);
  const last = errors ? [''] : [];
  const cost = (of: number, from: number) => [format(of), format(from), percent((100 * of) / from)];
  const rows = blocks.map((block, index) => [
    String(block.block),
    String(block.tokensIn),
    String(block.tokensKept),
    block.keys ?? 'dense',
    ...cost(block.macs, block.denseMacs),
    ...(errors ? [errorText(errors[index])] : []),
  ]);
  const rest = cost(macs.slimmed - inBlocks('macs'), macs.dense - inBlocks('denseMacs'));
  return table(
    [
      'block',
      'tokens in',
      'computed',
      'keys',
      unit,
      `dense ${unit}`,
      'of dense',
      ...(errors ? ['error in next block'] : []),
    ],
    [...rows, ['patch embedding, classifier', '', '', '', ...rest, ...last]],
    ['total', '', '', '', ...cost(macs.slimmed, macs.dense), ...last],
  );
}

function errorText(value: number | null | undefined): string {
  return value === null || value === undefined ? unknown : value.toPrecision(3);
}
