/** Kinds of files, against Pillow (tools/golden/image_files.py); and files that are none of them. */

import { createHash } from 'node:crypto';
import { fuzz, fuzzTimeout, mutatedBytes } from '@patchslim/testing';
import { describe, expect, it } from 'vitest';
import golden from '../test/golden/image-files.json' with { type: 'json' };
import { decodeBmp } from './bmp.js';
import { cmykToRgb } from './cmyk.js';
import { decodePixels } from './pixels.js';

const { files } = golden;

const sha256 = (data: Uint8Array | Uint8ClampedArray) => createHash('sha256').update(data).digest('hex');

it.each(files)(
  '$name has the pixels that Pillow reads',
  async ({ base64, width, height, sha256: expected }) => {
    const image = await decodePixels(Buffer.from(base64, 'base64'));
    expect([image.width, image.height]).toEqual([width, height]);
    expect(sha256(image.data)).toBe(expected);
  },
);

it('pure inks are pure colours, and black hides them', () => {
  const inks = Uint8Array.of(255, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255, 0, 0, 0, 55);
  expect([...cmykToRgb(inks)]).toEqual([0, 255, 255, 255, 255, 255, 0, 0, 0, 200, 200, 200]);
});

const bitmaps = files
  .filter(({ name }) => name.endsWith('.bmp'))
  .map(({ base64 }) => Buffer.from(base64, 'base64'));

it('a damaged bitmap is decoded, or refused, and never large', { timeout: fuzzTimeout }, async () => {
  const { accepted, refused } = await fuzz({
    inputs: mutatedBytes(bitmaps),
    read: async (bytes) => {
      if (bytes[0] !== 0x42 || bytes[1] !== 0x4d) return;
      const { data, width, height } = await decodePixels(bytes);
      expect(data.length).toBe(width * height * 3);
    },
    codes: ['DATA_INVALID'],
  });
  expect(accepted).toBeGreaterThan(0);
  expect(refused['DATA_INVALID']).toBeGreaterThan(0);
});

it('a bitmap beyond the pixel limit is refused before its pixels are read', () => {
  const bytes = Uint8Array.from(bitmaps[0]!);
  new DataView(bytes.buffer).setUint32(18, 60_000, true);
  new DataView(bytes.buffer).setInt32(22, 60_000, true);
  expect(() => decodeBmp(bytes, 1e8)).toThrow(/end of file|pixel limit/);
});

describe('what is no image is called by its kind', () => {
  const ascii = (text: string) => Buffer.from(text, 'latin1');
  it.each([
    ['empty', '', /an empty file/],
    ['HEIC', '\0\0\0\x18ftypheic\0\0\0\0mif1heic', /HEIC photo .*convert it to JPEG or PNG/],
    ['a web page', '<!DOCTYPE html><html>', /a web page/],
    ['zip', 'PK\x03\x04\x14', /a zip file; unpack it/],
    ['gzip', '\x1f\x8b\x08\0', /a gzip file; unpack it/],
    ['JPEG XL', '\xff\x0a\xfa\x1f', /a JPEG XL image/],
    ['an LFS pointer', 'version https://git-lfs.github.com/spec/v1\noid', /a Git LFS pointer.*git lfs pull/],
    ['PDF', '%PDF-1.7', /a PDF/],
  ])('%s', async (_, text, message) => {
    const error: unknown = await decodePixels(ascii(text)).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'DATA_INVALID', message: expect.stringMatching(message) as string });
    expect((error as Error).message).not.toContain('\n');
  });
});
