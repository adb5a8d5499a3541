import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { formatIdx, parseIdx } from './idx.js';

const images = Uint8Array.from({ length: 24 }, (_, i) => i * 10);

/** The header written out by hand, so that reader and writer cannot agree on a mistake. */
const file = Uint8Array.of(0, 0, 8, 3, ...[0, 0, 0, 2], ...[0, 0, 0, 3], ...[0, 0, 0, 4], ...images);

describe('parseIdx', () => {
  it('reads shape and bytes, plain and compressed', async () => {
    const expected = { shape: [2, 3, 4], data: images };
    expect(await parseIdx(file, 'test')).toEqual(expected);
    expect(await parseIdx(gzipSync(file), 'test')).toEqual(expected);
  });

  it('reads big-endian sizes from the middle of a buffer', async () => {
    const labels = new Uint8Array(0x0102).fill(5);
    const around = Uint8Array.of(9, 9, 9, 0, 0, 8, 1, 0, 0, 1, 2, ...labels, 9);
    const { shape, data } = await parseIdx(around.subarray(3, -1), 'test');
    expect(shape).toEqual([0x0102]);
    expect(data).toEqual(labels);
  });

  it.each<[string, number[], RegExp]>([
    ['nothing', [], /expected an IDX file, got 0 bytes/],
    ['another format', [0x89, 0x50, 0x4e, 0x47], /begins with two zeros, got 137 and 80/],
    ['floats', [0, 0, 13, 1, 0, 0, 0, 1, 0, 0, 0, 0], /unsigned bytes \(type 8 at byte 2\), got type 13/],
    ['no dimension', [0, 0, 8, 0, 1], /1 to 4 dimensions \(byte 3\), got 0/],
    ['255 dimensions', [0, 0, 8, 255, 1], /1 to 4 dimensions \(byte 3\), got 255/],
    ['half of a header', [0, 0, 8, 2, 0, 0, 0, 1, 0], /a header of 12 bytes, got a file of 9/],
    ['an empty array', [0, 0, 8, 1, 0, 0, 0, 0], /a shape of 1 to 1000000000 values, got \[0\]/],
    [
      'an absurd size',
      [0, 0, 8, 2, 255, 255, 255, 255, 255, 255, 255, 255],
      /1 to 1000000000 values, got \[4294967295, 4294967295\]/,
    ],
    ['a byte too few', [...file.subarray(0, -1)], /40 bytes for shape \[2, 3, 4\], got 39/],
    ['a byte too many', [...file, 0], /40 bytes for shape \[2, 3, 4\], got 41/],
  ])('refuses %s', async (_, bytes, message) => {
    const error: unknown = await parseIdx(Uint8Array.from(bytes), 'read a-file').catch((e: unknown) => e);
    expect(error).toMatchObject({ code: 'DATA_INVALID', details: { bytes: bytes.length } });
    expect(String(error)).toMatch(message);
    expect(String(error)).toContain('read a-file: expected');
  });

  it('refuses compressed bytes that are cut off', async () => {
    await expect(parseIdx(gzipSync(file).subarray(0, -4), 'test')).rejects.toMatchObject({
      code: 'DATA_INVALID',
    });
  });
});

describe('formatIdx', () => {
  it('writes the bytes of the format', () => {
    expect(formatIdx([2, 3, 4], images)).toEqual(file);
  });

  it.each([
    ['no dimension', [], 1],
    ['five dimensions', [1, 1, 1, 1, 1], 1],
    ['an empty one', [0], 0],
    ['a part of one', [0.5, 2], 1],
    ['another number of bytes', [2, 3], 5],
  ])('refuses %s', (_, shape, bytes) => {
    expect(() => formatIdx(shape, new Uint8Array(bytes))).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
    );
  });
});
