/** Reading comma-separated values (RFC 4180): quoted fields, doubled quotes, line breaks inside quotes; also with `;` or tabs. */

import { PatchslimError } from '@patchslim/tensor';

/** One record, and the line (from 1) of the file that it starts on. */
export interface CsvRecord {
  readonly line: number;
  readonly fields: readonly string[];
}

/**
 * The records of `text`, empty lines and a byte order mark left out. The first line tells what divides fields: the comma, semicolon
 * or tab that it has most of outside quotes, or what Excel's `sep=;` names.
 *
 * @param file what errors call the text
 * @throws `DATA_INVALID` with the line number for a quote that never ends, or text around a quoted field
 */
export function parseCsv(text: string, file: string): CsvRecord[] {
  const records: CsvRecord[] = [];
  const start = startOf(text);
  const { divider } = start;
  const delimiter = new RegExp(`${divider}|\\r\\n|\\n|\\r|$`, 'y');
  const fieldEnd = new RegExp(`["\\r\\n${divider}]|$`, 'g');
  let { at, line } = start;
  while (at < text.length) {
    const first = line;
    const fields: string[] = [];
    let ended = false;
    while (!ended) {
      const field = text[at] === '"' ? quotedField(text, at) : plainField(text, at, fieldEnd);
      if (!field) throw invalidCsv(file, line, 'this quote is never closed');
      delimiter.lastIndex = field.end;
      const match = delimiter.exec(text);
      if (!match) throw invalidCsv(file, line, 'a quote may only begin or end a whole field; write " as ""');
      fields.push(field.value);
      at = delimiter.lastIndex;
      line += countLineBreaks(field.value) + (match[0] === divider || match[0] === '' ? 0 : 1);
      ended = match[0] !== divider;
    }
    if (fields.length > 1 || fields[0] !== '') records.push({ line: first, fields });
  }
  return records;
}

/** An error that points at a line, as compilers do. */
export function invalidCsv(file: string, line: number, problem: string): PatchslimError {
  return new PatchslimError('DATA_INVALID', `${file}:${line}: ${problem}`, { file, line });
}

const dividers = [',', ';', '\t'] as const;
type Divider = (typeof dividers)[number];

/** Where the records begin, and what divides their fields. */
function startOf(text: string): { at: number; line: number; readonly divider: Divider } {
  const at = text.startsWith('\uFEFF') ? 1 : 0;
  const said = /sep=([,;\t])(?:\r\n|\n|\r|$)/y;
  said.lastIndex = at;
  const match = said.exec(text);
  if (match) return { at: said.lastIndex, line: 2, divider: match[1] as Divider };
  const header = text.slice(at, at + 10_000).replace(/"[^"]*"/g, '');
  const [line] = header.trimStart().split(/[\r\n]/, 1) as [string];
  const countOf = (divider: Divider): number => line.split(divider).length;
  const divider = dividers.reduce((best, other) => (countOf(other) > countOf(best) ? other : best));
  return { at, line: 1, divider };
}

interface Field {
  readonly value: string;
  /** Offset behind the field. */
  readonly end: number;
}

function plainField(text: string, from: number, end: RegExp): Field {
  end.lastIndex = from;
  const to = end.exec(text)!.index;
  return { value: text.slice(from, to), end: to };
}

function quotedField(text: string, from: number): Field | undefined {
  let close = text.indexOf('"', from + 1);
  while (close >= 0 && text[close + 1] === '"') close = text.indexOf('"', close + 2);
  if (close < 0) return undefined;
  return { value: text.slice(from + 1, close).replaceAll('""', '"'), end: close + 1 };
}

function countLineBreaks(value: string): number {
  return value.match(/\r\n|\n|\r/g)?.length ?? 0;
}
