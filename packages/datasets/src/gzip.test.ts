import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { inflateGzip, isGzip } from './gzip.js';

const bytes = Uint8Array.from({ length: 200_000 }, (_, i) => (i * i * 31) % 251);

describe('inflateGzip', () => {
  it('gives what was compressed, also from the middle of a buffer', async () => {
    const packed = gzipSync(bytes);
    expect(isGzip(packed)).toBe(true);
    expect(isGzip(bytes)).toBe(false);
    expect(Buffer.compare(await inflateGzip(packed, 'test', bytes.length), bytes)).toBe(0);
    const around = new Uint8Array(packed.length + 20).fill(7);
    around.set(packed, 10);
    const inner = around.subarray(10, 10 + packed.length);
    expect(Buffer.compare(await inflateGzip(inner, 'test', bytes.length), bytes)).toBe(0);
  });

  it('stops where the file holds more than is allowed, which may be far more than its size', async () => {
    const bomb = gzipSync(new Uint8Array(50_000_000));
    expect(bomb.length).toBeLessThan(100_000);
    await expect(inflateGzip(bomb, 'read x.gz', 1_000_000)).rejects.toMatchObject({
      code: 'DATA_INVALID',
      message: 'read x.gz: expected at most 1000000 bytes, but the gzip file holds more',
    });
  });

  it.each([
    ['cut off', gzipSync(bytes).subarray(0, -9)],
    ['without its checksum', gzipSync(bytes).subarray(0, -8)],
    ['only begun', gzipSync(bytes).subarray(0, 2)],
    ['damaged', gzipSync(bytes).map((byte, i, { length }) => (i === length >> 1 ? byte ^ 255 : byte))],
  ])('refuses a file that is %s', async (_, packed) => {
    const size = inflateGzip(packed, 'read x.gz', 1e6).then(({ length }) => length);
    await expect(size).rejects.toMatchObject({
      code: 'DATA_INVALID',
      message: expect.stringMatching(/^read x\.gz: expected a whole gzip file, got \d+ bytes/) as string,
    });
  });
});
