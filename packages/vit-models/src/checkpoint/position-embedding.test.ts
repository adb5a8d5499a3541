import { readFileSync } from 'node:fs';
import { float32 } from '@patchslim/tensor';
import { describe, expect, it } from 'vitest';
import { resizePositionEmbedding } from './position-embedding.js';

interface Golden {
  width: number;
  cases: {
    prefixTokens: number;
    oldSize: number;
    newSize: number;
    input: number[];
    antialiased: number[];
    plain: number[];
  }[];
}

const url = new URL('../../test/golden/position-embedding.json', import.meta.url);
const golden = JSON.parse(readFileSync(url, 'utf8')) as Golden;

describe('resizePositionEmbedding', () => {
  it.each(golden.cases)(
    'equals PyTorch for $oldSize² → $newSize², $prefixTokens prefix tokens',
    ({ prefixTokens, oldSize, newSize, input, antialiased, plain }) => {
      const embedding = float32([1, prefixTokens + oldSize ** 2, golden.width], input);
      const resized = resizePositionEmbedding(embedding, { prefixTokens, gridSize: newSize });
      expect(resized.shape).toEqual([1, prefixTokens + newSize ** 2, golden.width]);
      expect(largestDifference(resized.data, antialiased)).toBeLessThanOrEqual(1e-5);
      const options = { prefixTokens, gridSize: newSize, antialias: false };
      expect(largestDifference(resizePositionEmbedding(embedding, options).data, plain)).toBeLessThanOrEqual(
        1e-5,
      );
    },
  );

  it('refuses tokens that are no square grid', () => {
    const embedding = float32([1, 5, 2], new Float32Array(10));
    expect(() => resizePositionEmbedding(embedding, { prefixTokens: 2, gridSize: 2 })).toThrow(
      /\[1, 2 \+ n², D\]/,
    );
  });
});

function largestDifference(got: Float32Array, expected: readonly number[]): number {
  expect(got.length).toBe(expected.length);
  return expected.reduce((largest, value, i) => Math.max(largest, Math.abs(value - got[i]!)), 0);
}
