/** The wire format: published examples, and every integer checked with a decoder. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { floatField, intField, joinChunks, messageField, stringField } from './wire.js';

const hex = (chunks: readonly Uint8Array[]): string => Buffer.from(joinChunks(chunks)).toString('hex');

/** The varint that follows a tag of one byte, as a signed 64-bit number. */
function decode(chunks: readonly Uint8Array[]): bigint {
  const bytes = joinChunks(chunks).subarray(1);
  const value = bytes.reduce((sum, byte, i) => sum | (BigInt(byte & 0x7f) << BigInt(7 * i)), 0n);
  return BigInt.asIntN(64, value);
}

describe('fields', () => {
  it('are the bytes of the protobuf documentation', () => {
    expect(hex(intField(1, 150))).toBe('089601');
    expect(hex(stringField(2, 'testing'))).toBe('120774657374696e67');
    expect(hex(messageField(3, intField(1, 150)))).toBe('1a03089601');
    expect(hex(intField(1, -2))).toBe('08feffffffffffffffff01');
  });

  it('hold floats little-endian, and field numbers above 15 in longer tags', () => {
    expect(hex(floatField(2, 1))).toBe('150000803f');
    expect(hex(intField(20, 1))).toBe('a00101');
  });

  it('hold every 64-bit integer', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
        (value) => decode(intField(1, value)) === value,
      ),
    );
  });

  it('do not copy payloads', () => {
    const payload = new Uint8Array(1000);
    expect(messageField(1, messageField(2, [payload])).at(-1)).toBe(payload);
  });
});
