/** What `slim` prints: cost, accuracy and speed, dense and slimmed. */

import {
  embeddingRows,
  figureNames,
  formatDifference,
  formatPercent,
  shareOf,
  type SlimReport,
} from '@patchslim/report';
import { gigaMacs, table } from './table.js';

/** The figures of a report as text. */
export function slimTable({ plan, evaluation }: SlimReport): string {
  const { macs } = plan.provenance;
  const cost = ['MACs', gigaMacs(macs.dense), gigaMacs(macs.slimmed)];
  if (!evaluation) return table([['', 'dense', 'slimmed'], cost]);
  const { dense, slimmed, change, heldBack } = evaluation;
  const names = figureNames(slimmed);
  const share = (name: string, figure: 'top1' | 'top5' | 'mAP' | 'agreement'): string[] => [
    name,
    ...[dense, slimmed].map((side) => {
      const [value, interval] = shareOf(side, figure);
      return value === undefined ? '' : formatPercent(value, interval);
    }),
    figure === 'top1' || figure === 'top5' ? formatDifference(change?.[figure]) : '',
  ];
  const known = names.accuracy.filter(([, figure]) => dense[figure] !== undefined);
  const images = heldBack
    ? `On ${slimmed.images} images that had no part in the plan`
    : `On ${slimmed.images} images that also had a part in the plan, as there were no others: new images may do worse`;
  return [
    table([
      ['', 'dense', 'slimmed', ...(change ? ['change'] : [])],
      cost,
      ...known.map(([name, figure]) => share(name, figure)),
      ...(slimmed.agreement === undefined ? [] : [share(names.agreement, 'agreement')]),
      ...embeddingRows(slimmed).map(([name, text]) => [name, '', text]),
      ['images/s', dense.imagesPerSecond.toFixed(1), slimmed.imagesPerSecond.toFixed(1)],
    ]),
    '',
    `${images}; in brackets 95 % intervals.`,
  ].join('\n');
}
