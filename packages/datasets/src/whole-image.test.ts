/** Image files that were cut short, made by sharp. */

import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { drawPattern } from '../test/pattern.js';
import { requireEnd } from './whole-image.js';

const { data, width, height } = drawPattern({ width: 60, height: 44, seed: 1 });
const image = sharp(data, { raw: { width, height, channels: 3 } });
const thumbnail = await image.clone().jpeg().toBuffer();
/** A segment that holds another JPEG whole, as cameras write it. */
const segment = Buffer.concat([
  Buffer.from([0xff, 0xe2, (thumbnail.length + 2) >> 8, (thumbnail.length + 2) & 255]),
  thumbnail,
]);
const withThumbnail = Buffer.concat([thumbnail.subarray(0, 2), segment, thumbnail.subarray(2)]);

describe.each<[string, Uint8Array]>([
  ['a JPEG', thumbnail],
  ['a progressive JPEG', await image.clone().jpeg({ progressive: true }).toBuffer()],
  ['a JPEG with a thumbnail', withThumbnail],
  ['a PNG', await image.clone().png().toBuffer()],
])('%s', (_, bytes) => {
  it('is taken whole, and with bytes behind its end', () => {
    requireEnd(bytes);
    requireEnd(Buffer.concat([bytes, Buffer.alloc(9)]));
  });

  it('is refused wherever it was cut', () => {
    for (let length = 8; length < bytes.length - 1; length += 17) {
      expect(() => requireEnd(bytes.subarray(0, length)), String(length)).toThrow('cut short');
    }
  });
});

it('other formats are left to the decoder', async () => {
  const webp = await image.clone().webp().toBuffer();
  requireEnd(webp.subarray(0, 20));
  requireEnd(new Uint8Array());
});
