/** Comma-separated values. */

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseCsv } from './csv.js';

const fieldsOf = (text: string) => parseCsv(text, 'x.csv').map(({ fields }) => fields);

it('reads quotes, doubled quotes, empty fields, and commas and line breaks inside quotes', () => {
  expect(fieldsOf('a,"b, ""c""",\n"",,"d\ne"\n')).toEqual([
    ['a', 'b, "c"', ''],
    ['', '', 'd\ne'],
  ]);
});

it('counts lines through every kind of line break, skips empty lines and a byte order mark', () => {
  const records = parseCsv('\uFEFFa,b\r\n\r\n"1\n2",c\rd,e', 'x.csv');
  expect(records).toEqual([
    { line: 1, fields: ['a', 'b'] },
    { line: 3, fields: ['1\n2', 'c'] },
    { line: 5, fields: ['d', 'e'] },
  ]);
});

it('reads back any table that is written with quotes', () => {
  const table = fc.array(
    fc.array(fc.string({ unit: fc.constantFrom('a', ',', '"', '\n', '\r', ' ') }), { minLength: 2 }),
  );
  fc.assert(
    fc.property(table, (rows) => {
      const text = rows
        .map((row) => row.map((field) => `"${field.replaceAll('"', '""')}"`).join(','))
        .join('\r\n');
      expect(fieldsOf(text)).toEqual(rows);
    }),
  );
});

it.each([
  ['a\nb,"c', /x\.csv:2: .*never closed/],
  ['a\n\n"b"c', /x\.csv:3: a quote may only/],
  ['a,b"c"', /x\.csv:1: a quote may only/],
])('points at the line of a stray quote in %j', (text, message) => {
  expect(() => parseCsv(text, 'x.csv')).toThrow(message);
});
