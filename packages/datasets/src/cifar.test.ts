import { describe, expect, it } from 'vitest';
import { parseCifar10 } from './cifar.js';

const image = (seed: number) => Uint8Array.from({ length: 3072 }, (_, i) => (i * seed) % 251);
const file = Uint8Array.of(7, ...image(3), 0, ...image(5));

describe('parseCifar10', () => {
  it('takes labels and pixels apart', () => {
    const { labels, pixels } = parseCifar10(file, 'test');
    expect([...labels]).toEqual([7, 0]);
    expect(pixels).toEqual(Uint8Array.of(...image(3), ...image(5)));
  });

  it.each<[string, Uint8Array, RegExp]>([
    ['an empty file', new Uint8Array(), /records of 3073 bytes .*, got 0 bytes$/],
    ['half of a record', file.subarray(0, 4000), /records of 3073 bytes .*, got 4000 bytes$/],
    ['a byte too many', Uint8Array.of(...file, 0), /got 6147 bytes$/],
    [
      'a label that is none',
      Uint8Array.of(...file.subarray(0, 3073), 10, ...image(1)),
      /label from 0 to 9 at byte 3073 \(record 1\), got 10$/,
    ],
  ])('refuses %s', (_, bytes, message) => {
    expect(() => parseCifar10(bytes, 'read a.bin')).toThrow(
      expect.objectContaining({
        code: 'DATA_INVALID',
        message: expect.stringMatching(message) as string,
      }),
    );
  });
});
