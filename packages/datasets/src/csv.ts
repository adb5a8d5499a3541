/** Reading comma-separated values (RFC 4180): quoted fields, doubled quotes, line breaks inside quotes. */

import { PatchslimError } from '@patchslim/tensor';

/** One record, and the line (from 1) of the file that it starts on. */
export interface CsvRecord {
  readonly line: number;
  readonly fields: readonly string[];
}

/**
 * The records of `text`, empty lines and a byte order mark left out.
 *
 * @param file what errors call the text
 * @throws `DATA_INVALID` with the line number for a quote that never ends, or text around a quoted field
 */
export function parseCsv(text: string, file: string): CsvRecord[] {
  const records: CsvRecord[] = [];
  let at = text.startsWith('\uFEFF') ? 1 : 0;
  let line = 1;
  while (at < text.length) {
    const start = line;
    const fields: string[] = [];
    let ended = false;
    while (!ended) {
      const field = text[at] === '"' ? quotedField(text, at) : plainField(text, at);
      const delimiter = field && /,|\r\n|\n|\r|$/y;
      if (!delimiter) throw invalidCsv(file, line, 'this quote is never closed');
      delimiter.lastIndex = field.end;
      const match = delimiter.exec(text);
      if (!match) throw invalidCsv(file, line, 'a quote may only begin or end a whole field; write " as ""');
      fields.push(field.value);
      at = delimiter.lastIndex;
      line += countLineBreaks(field.value) + (match[0] === ',' || match[0] === '' ? 0 : 1);
      ended = match[0] !== ',';
    }
    if (fields.length > 1 || fields[0] !== '') records.push({ line: start, fields });
  }
  return records;
}

/** An error that points at a line, as compilers do. */
export function invalidCsv(file: string, line: number, problem: string): PatchslimError {
  return new PatchslimError('DATA_INVALID', `${file}:${line}: ${problem}`, { file, line });
}

interface Field {
  readonly value: string;
  /** Offset behind the field. */
  readonly end: number;
}

function plainField(text: string, from: number): Field {
  const end = /[",\r\n]|$/g;
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
