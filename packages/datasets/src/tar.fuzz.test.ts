/** Hostile tar archives: damaged as they are, and with the checksum of the first header made good again. */

import { fuzz, fuzzTimeout, mutatedBytes } from '@patchslim/testing';
import { expect, it } from 'vitest';
import { makeTar, withChecksum } from '../test/tar.js';
import { readTar } from './tar.js';

const seeds = [
  makeTar([
    ['a/b.bin', Uint8Array.of(1, 2, 3)],
    ['c', new Uint8Array(513).fill(9)],
  ]),
  makeTar([['empty', new Uint8Array()]]),
];

function madeGood(bytes: Uint8Array): Uint8Array {
  if (bytes.length < 512) return bytes;
  return new Uint8Array(Buffer.concat([withChecksum(bytes.subarray(0, 512)), bytes.subarray(512)]));
}

it.each([
  ['damaged', mutatedBytes(seeds)],
  ['damaged, but consistent,', mutatedBytes(seeds).map(madeGood)],
])('a %s archive is read, or refused as DATA_INVALID', { timeout: fuzzTimeout }, async (_, inputs) => {
  const { accepted, refused } = await fuzz({
    inputs,
    read: (bytes) => {
      const files = [...readTar(bytes, 'fuzz').values()];
      expect(files.reduce((sum, { length }) => sum + length, 0)).toBeLessThanOrEqual(bytes.length);
    },
    codes: ['DATA_INVALID'],
  });
  expect(accepted).toBeGreaterThan(0);
  expect(refused['DATA_INVALID']).toBeGreaterThan(0);
});
