import { createRandom, float32 } from '@patchslim/tensor';
import { describe, expect, it } from 'vitest';
import { augmentBatch } from './augment.js';

const values = (size: number) => Float32Array.from({ length: size }, (_, i) => i);

/** Gives these numbers one after the other, and fails when asked for more. */
function scripted(...numbers: number[]) {
  return () => {
    const next = numbers.shift();
    if (next === undefined) throw new Error('more random numbers than expected');
    return next;
  };
}

describe('augmentBatch', () => {
  const images = float32([1, 2, 2, 3], values(12)); // two channels of [[0, 1, 2], [3, 4, 5]]

  it('mirrors below one half, and leaves the others', () => {
    const options = { flip: true, shift: 0 };
    expect([...augmentBatch(images, scripted(0.49), options).data]).toEqual([
      ...[2, 1, 0, 5, 4, 3],
      ...[8, 7, 6, 11, 10, 9],
    ]);
    expect(augmentBatch(images, scripted(0.5), options)).toEqual(images);
  });

  it('shifts down and right, and repeats the edge', () => {
    const options = { flip: false, shift: 1 };
    expect([...augmentBatch(images, scripted(0.99, 0.99), options).data]).toEqual([
      ...[0, 0, 1, 0, 0, 1],
      ...[6, 6, 7, 6, 6, 7],
    ]);
    expect([...augmentBatch(images, scripted(0, 0), options).data]).toEqual([
      ...[4, 5, 5, 4, 5, 5],
      ...[10, 11, 11, 10, 11, 11],
    ]);
    expect(augmentBatch(images, scripted(0.5, 0.5), options)).toEqual(images);
  });

  it('shifts the mirrored image', () => {
    const { data } = augmentBatch(images, scripted(0, 0.5, 0.99), { flip: true, shift: 1 });
    expect([...data.subarray(0, 6)]).toEqual([2, 2, 1, 5, 5, 4]);
  });

  it('makes the same of the same seed, and leaves its input alone', () => {
    const batch = float32([16, 3, 8, 8], values(16 * 3 * 64));
    const options = { flip: true, shift: 2 };
    const first = augmentBatch(batch, createRandom(5), options);
    expect(augmentBatch(batch, createRandom(5), options)).toEqual(first);
    expect(augmentBatch(batch, createRandom(6), options)).not.toEqual(first);
    expect(batch.data).toEqual(values(16 * 3 * 64));
    expect(first.shape).toEqual([16, 3, 8, 8]);
  });

  it('draws every shift and both directions about equally often, in each axis', () => {
    // One bright pixel in the middle, which no edge repeats, shows where each image went.
    const [count, side, shift] = [4000, 5, 2];
    const data = new Float32Array(count * side * side);
    for (let i = 0; i < count; i++) data[i * side * side + 12] = 1;
    const moved = augmentBatch(float32([count, 1, side, side], data), createRandom(1), { flip: true, shift });
    const [rows, columns] = [new Array<number>(side).fill(0), new Array<number>(side).fill(0)];
    for (let i = 0; i < count; i++) {
      const at = moved.data.subarray(i * 25, (i + 1) * 25).indexOf(1);
      rows[Math.floor(at / side)]!++;
      columns[at % side]!++;
    }
    for (const times of [...rows, ...columns]) expect(Math.abs(times / count - 1 / side)).toBeLessThan(0.03);
  });

  it.each<[string, readonly number[], number]>([
    ['SHAPE_MISMATCH', [3, 4, 4], 1],
    ['INVALID_ARGUMENT', [1, 3, 4, 4], -1],
    ['INVALID_ARGUMENT', [1, 3, 4, 4], 0.5],
    ['INVALID_ARGUMENT', [1, 3, 4, 4], 4],
  ])('%s for shape %j and shift %d', (code, shape, shift) => {
    const batch = float32(shape, new Float32Array(shape.reduce((a, b) => a * b)));
    expect(() => augmentBatch(batch, createRandom(0), { flip: false, shift })).toThrow(
      expect.objectContaining({ code }),
    );
  });
});
