/** Hostile label files. */

import { fuzz, fuzzTimeout, mutatedText } from '@patchslim/testing';
import { expect, it } from 'vitest';
import { parseLabels } from './labels-csv.js';

const texts = [
  'file,class_index\na.jpg,0\nimages/b.jpg,7\n',
  '\uFEFFclass_index, file ,note\r\n7,"images/b.jpg","a, ""b"""\r\n\r\n 0 ,./a,\r\n3,"images\\c.png",x\r\n',
  'file;class_indices\na.jpg;0 3|5\nb.jpg;\n',
];
const tokens = [
  ...['"', '""', ',', '\n', '\r', '\r\n', '\uFEFF', '\0', '..', '/', '\\', ' ', 'file', 'class_index'],
  ...[
    '-1',
    '1.5',
    '1e9',
    '2147483648',
    '9'.repeat(400),
    ','.repeat(10_000),
    '"'.repeat(9999),
    '\n'.repeat(10_000),
  ],
];

it('a label file is read, or refused as DATA_INVALID', { timeout: fuzzTimeout }, async () => {
  const { accepted, refused } = await fuzz({
    inputs: mutatedText(texts, tokens),
    read: (text) => {
      const rows = parseLabels(text, 'labels.csv');
      expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length);
      for (const { id, label, labels, line } of rows) {
        expect(id).not.toBe('');
        expect([label, labels].filter((each) => each === undefined)).toHaveLength(1);
        const fits = (value: number) => Number.isInteger(value) && value >= 0 && value < 2 ** 31;
        expect((labels ?? [label!]).every(fits) && line > 1).toBe(true);
      }
    },
    codes: ['DATA_INVALID'],
  });
  expect(accepted).toBeGreaterThan(0);
  expect(refused['DATA_INVALID']).toBeGreaterThan(0);
});
