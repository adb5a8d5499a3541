/** Hostile images: real small files of every format, damaged. */

import { fuzz, fuzzTimeout, mutatedBytes } from '@patchslim/testing';
import { expect, it } from 'vitest';
import { patternImage } from '../test/pattern-image.js';
import { augregPreprocessing } from '@patchslim/vit-models';
import { decodeImage } from './decode.js';

const tiny = patternImage({ width: 8, height: 8, seed: 1 });
const preprocessing = augregPreprocessing(4, 1);

it.each([
  ['JPEG', () => [tiny.clone().jpeg(), tiny.clone().jpeg({ progressive: true })]],
  [
    'PNG',
    () => [
      tiny.clone().png(),
      tiny.clone().png({ palette: true }),
      tiny.clone().toColourspace('rgb16').png(),
    ],
  ],
  ['WebP', () => [tiny.clone().webp(), tiny.clone().webp({ lossless: true })]],
])('a %s file is decoded, or refused as DATA_INVALID', { timeout: fuzzTimeout }, async (_, encoded) => {
  const seeds = await Promise.all(encoded().map((image) => image.toBuffer()));
  const { accepted, refused } = await fuzz({
    inputs: mutatedBytes(seeds),
    read: async (bytes) => {
      const pixels = await decodeImage(bytes, preprocessing);
      expect(pixels.length).toBe(3 * 4 * 4);
      expect(pixels.every((value) => value >= -1 && value <= 1)).toBe(true);
    },
    codes: ['DATA_INVALID'],
  });
  expect(accepted).toBeGreaterThan(0);
  expect(refused['DATA_INVALID']).toBeGreaterThan(0);
});
