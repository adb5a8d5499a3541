import fc from 'fast-check';
import { expect, it } from 'vitest';
import { decodeFloats } from './decode-floats.js';
import { encodeFloats } from './encode-floats.js';

const halves = (values: readonly number[]): number[] => {
  const bytes = encodeFloats('F16', Float32Array.from(values));
  return [...new Uint16Array(bytes.buffer)];
};

it('writes every half as itself', () => {
  const all = Uint16Array.from({ length: 0x10000 }, (_, bits) => bits).filter(
    (bits) => (bits & 0x7c00) !== 0x7c00,
  );
  const floats = decodeFloats('F16', new Uint8Array(all.slice().buffer));
  expect(new Uint16Array(encodeFloats('F16', floats).buffer)).toEqual(all);
});

it('rounds to the nearest half, whatever the number', () => {
  const near = fc.float({ min: Math.fround(-65500), max: Math.fround(65500), noNaN: true });
  fc.assert(
    fc.property(near, (value) => {
      const [bits = 0] = halves([value]);
      const around = [bits - 1, bits, bits + 1].map((b) => Uint16Array.of(b));
      const errors = around.map((b) => Math.abs(decodeFloats('F16', new Uint8Array(b.buffer))[0]! - value));
      return errors.every((error) => Number.isNaN(error) || error >= errors[1]!);
    }),
  );
});
