/** What `slim` prints: cost, accuracy and speed, dense and slimmed. */

import { formatDifference, formatPercent, type SlimReport } from '@patchslim/report';
import { gigaMacs, table } from './table.js';

/** The figures of a report as text. */
export function slimTable({ plan, evaluation }: SlimReport): string {
  const { macs } = plan.provenance;
  const cost = ['MACs', gigaMacs(macs.dense), gigaMacs(macs.slimmed)];
  if (!evaluation) return table([['', 'dense', 'slimmed'], cost]);
  const { dense, slimmed, change, heldBack } = evaluation;
  const share = (name: string, figure: 'top1' | 'top5' | 'agreement'): string[] => {
    const sides = [dense, slimmed].map((side) => {
      const value = side[figure];
      return value === undefined ? '' : formatPercent(value, side.intervals[figure]);
    });
    return [name, ...sides, figure === 'agreement' ? '' : formatDifference(change?.[figure])];
  };
  const images = heldBack
    ? `On ${slimmed.images} images that had no part in the plan`
    : `On ${slimmed.images} images that also had a part in the plan, as there were no others: new images may do worse`;
  return [
    table([
      ['', 'dense', 'slimmed', ...(change ? ['change'] : [])],
      cost,
      ...(change ? [share('top-1', 'top1'), share('top-5', 'top5')] : []),
      share('same class as dense', 'agreement'),
      ['images/s', dense.imagesPerSecond.toFixed(1), slimmed.imagesPerSecond.toFixed(1)],
    ]),
    '',
    `${images}; in brackets 95 % intervals.`,
  ].join('\n');
}
