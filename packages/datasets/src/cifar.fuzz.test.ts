/** Hostile CIFAR-10 files. */

import { fuzz, fuzzTimeout, mutatedBytes } from '@patchslim/testing';
import { expect, it } from 'vitest';
import { parseCifar10 } from './cifar.js';

const record = (label: number) =>
  Uint8Array.of(label, ...Array.from({ length: 3072 }, (_, i) => (i * 7) % 256));
const files = [record(3), Uint8Array.of(...record(9), ...record(0))];

it('a CIFAR-10 file is read, or refused as DATA_INVALID', { timeout: fuzzTimeout }, async () => {
  const { accepted, refused } = await fuzz({
    inputs: mutatedBytes(files),
    read: (bytes) => {
      const { labels, pixels } = parseCifar10(bytes, 'fuzz');
      expect(labels.length).toBe(bytes.length / 3073);
      expect(pixels.length).toBe(labels.length * 3072);
      expect(labels.every((label) => label < 10)).toBe(true);
    },
    codes: ['DATA_INVALID'],
  });
  expect(accepted).toBeGreaterThan(0);
  expect(refused['DATA_INVALID']).toBeGreaterThan(0);
});
