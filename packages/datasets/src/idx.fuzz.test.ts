/** Hostile IDX files, plain and compressed. */

import { gzipSync } from 'node:zlib';
import { sizeOf } from '@patchslim/tensor';
import { fuzz, fuzzTimeout, mutatedBytes } from '@patchslim/testing';
import { expect, it } from 'vitest';
import { formatIdx, parseIdx } from './idx.js';

const pattern = (size: number) => Uint8Array.from({ length: size }, (_, i) => (i * 37) % 256);
const files = [formatIdx([3, 4, 4], pattern(48)), formatIdx([5], pattern(5)), formatIdx([1], pattern(1))];

it.each([
  ['plain', files],
  ['compressed', files.map((file) => gzipSync(file))],
])('a %s IDX file is read, or refused as DATA_INVALID', { timeout: fuzzTimeout }, async (_, seeds) => {
  const { accepted, refused } = await fuzz({
    inputs: mutatedBytes(seeds),
    read: async (bytes) => {
      const { shape, data } = await parseIdx(bytes, 'fuzz');
      expect(data.length).toBe(sizeOf(shape));
      expect(shape.length).toBeGreaterThan(0);
    },
    codes: ['DATA_INVALID'],
  });
  expect(accepted).toBeGreaterThan(0);
  expect(refused['DATA_INVALID']).toBeGreaterThan(0);
});
