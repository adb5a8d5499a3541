/** Hostile label files. */

import { fuzz, fuzzTimeout, mutatedText } from '@patchslim/testing';
import { expect, it } from 'vitest';
import { parseLabels } from './labels-csv.js';

const texts = [
  'file,class_index\na.jpg,0\nimages/b.jpg,7\n',
  '\uFEFFclass_index, file ,note\r\n7,"images/b.jpg","a, ""b"""\r\n\r\n 0 ,./a,\r\n3,"images\\c.png",x\r\n',
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
      for (const { id, label, line } of rows) {
        expect(id).not.toBe('');
        expect(Number.isInteger(label) && label >= 0 && label < 2 ** 31 && line > 1).toBe(true);
      }
    },
    codes: ['DATA_INVALID'],
  });
  expect(accepted).toBeGreaterThan(0);
  expect(refused['DATA_INVALID']).toBeGreaterThan(0);
});
