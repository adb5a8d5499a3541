/** `labels.csv`: which file shows which class. */

import { type CsvRecord, invalidCsv, parseCsv } from './csv.js';

/** One labelled file: its path with `/`, relative to the folder of the CSV unless it is absolute, and the line that names it. */
export interface LabelRow {
  readonly id: string;
  /** Where each file of the text has one class. */
  readonly label?: number;
  /** Where files may have several classes, or none. */
  readonly labels?: readonly number[];
  readonly line: number;
}

const largestLabel = 2 ** 31 - 1; // labels travel as int32

/**
 * The rows of a label file; its header names at least `file` and `class_index` or `class_indices`, further columns are ignored. A field
 * may hold several classes, with spaces, `;` or `|` between them; under `class_indices` it may also be empty. Where one does, all rows have `labels`.
 *
 * @param file what errors call the text
 * @throws `DATA_INVALID`, mostly with a line number: no rows, a column that is missing, a file named twice, a label that
 * is not an integer from 0 to 2^31 - 1
 */
export function parseLabels(text: string, file: string): LabelRow[] {
  const [header, ...records] = parseCsv(text, file);
  if (!header) throw invalidCsv(file, 1, 'expected a header with file and class_index, the file is empty');
  if (records.length === 0) throw invalidCsv(file, header.line, 'there are no rows below the header');
  const fileColumn = columnOf(header, 'file', file);
  const severalColumn = findColumn(header, 'class_indices');
  const labelColumn = severalColumn ?? columnOf(header, 'class_index', file);
  const mayBeEmpty = severalColumn !== undefined;

  const rows = records.map(({ line, fields }) => {
    if (fields.length !== header.fields.length) {
      throw invalidCsv(
        file,
        line,
        `expected ${header.fields.length} fields as in the header, got ${fields.length}`,
      );
    }
    const name = fields[fileColumn]!;
    const id = normalizePath(name.replaceAll('\\', '/'));
    if (id === '')
      throw invalidCsv(file, line, name === '' ? 'the file name is empty' : `'${name}' names no file`);
    const field = fields[labelColumn]!.trim();
    const parts = field === '' && mayBeEmpty ? [] : field.split(/[\s;|]+/);
    return { id, labels: [...new Set(parts.map((part) => parseLabel(part, file, line)))], line };
  });
  refuseRepeated(rows, file);
  const several = rows.some(({ labels }) => labels.length !== 1);
  return several ? rows : rows.map(({ id, labels, line }) => ({ id, label: labels[0]!, line }));
}

/** @throws `DATA_INVALID` naming the second line of a file that is named twice */
export function refuseRepeated(rows: readonly Pick<LabelRow, 'id' | 'line'>[], file: string): void {
  const lineOf = new Map<string, number>();
  for (const { id, line } of rows) {
    const earlier = lineOf.get(id);
    if (earlier !== undefined) throw invalidCsv(file, line, `'${id}' was already named on line ${earlier}`);
    lineOf.set(id, line);
  }
}

/** One spelling per file: without `.`, `//` and the `..` that can be resolved. */
function normalizePath(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop();
    else parts.push(part);
  }
  return `${path.startsWith('/') ? '/' : ''}${parts.join('/')}`;
}

function findColumn({ fields }: CsvRecord, name: string): number | undefined {
  const column = fields.findIndex((field) => field.trim().toLowerCase() === name);
  return column < 0 ? undefined : column;
}

function columnOf(header: CsvRecord, name: string, file: string): number {
  const column = findColumn(header, name);
  if (column !== undefined) return column;
  const names = header.fields.map((field) => field.trim()).join(',');
  throw invalidCsv(file, header.line, `expected a header with file and class_index, got ${names}`);
}

function parseLabel(field: string, file: string, line: number): number {
  const label = /^\d+$/.test(field) ? Number(field) : Number.NaN;
  if (label <= largestLabel) return label;
  throw invalidCsv(file, line, `class_index must be an integer from 0 to ${largestLabel}, got '${field}'`);
}
