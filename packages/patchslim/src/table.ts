/** Rows of text in columns: the first column to the left, the others to the right. */

export function table(rows: readonly (readonly string[])[]): string {
  const columns = Math.max(...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, i) =>
    Math.max(...rows.map((row) => row[i]?.length ?? 0)),
  );
  return rows
    .map((row) =>
      row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('  '),
    )
    .map((line) => line.trimEnd())
    .join('\n');
}

export const percent = (value: number | undefined): string =>
  value === undefined ? '–' : `${value.toFixed(1)} %`;
export const gigaMacs = (macs: number): string => `${(macs / 1e9).toFixed(3)} G`;
