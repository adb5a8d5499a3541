/** Formats counts as text. */

import type { Cost, CostReport } from './report.js';

/** A table of parts and a table of ops, largest first, and the uncounted ops. */
export function formatReport(report: CostReport): string {
  const unit = report.convention === 'macs' ? 'MACs' : `${report.convention} flops`;
  const uncounted = Object.entries(report.uncounted).map(([op, calls]) => `${op} × ${calls}`);
  return [
    `${report.macs.toLocaleString('en-US')} ${unit}`,
    '',
    ...table('part', unit, Object.entries(report.byPart), report.macs),
    '',
    ...table(
      'op',
      unit,
      Object.entries(report.byOp).filter(([, cost]) => cost.macs > 0),
      report.macs,
    ),
    ...(uncounted.length > 0 ? ['', `not counted: ${uncounted.join(', ')}`] : []),
  ].join('\n');
}

function table(
  title: string,
  unit: string,
  rows: readonly (readonly [string, Cost])[],
  total: number,
): string[] {
  const cells = rows.map(([name, { macs }]) => [name, macs.toLocaleString('en-US'), share(macs, total)]);
  const all = [[title, unit, 'share'], ...cells];
  const widths = [0, 1, 2].map((column) => Math.max(...all.map((row) => row[column]!.length)));
  return all.map(([name, macs, part]) =>
    [name!.padEnd(widths[0]!), macs!.padStart(widths[1]!), part!.padStart(widths[2]!)].join('  '),
  );
}

const share = (macs: number, total: number): string => `${((100 * macs) / Math.max(total, 1)).toFixed(1)} %`;
