/** Scores that do not depend on the image: random and uniform. */

import { float32, sizeOf } from '@patchslim/tensor';
import { createReferenceBackend } from '@patchslim/tensor/reference';
import {
  prefixPositions,
  tokenCount,
  vitConfig,
  type BlockCapture,
  type VitConfig,
} from '@patchslim/vit-models';
import { describe, expect, it } from 'vitest';
import { captureBlocks, tinyConfig } from '../test/network.js';
import { range, rowOf } from '../test/plain.js';
import { random, uniform } from './index.js';

/** A capture of a dense block: zeros for one image. Only its shape matters. */
function denseCapture(config: VitConfig, block = 0): BlockCapture {
  const positions = range(tokenCount(config));
  const shape = [1, positions.length, 1];
  const input = createReferenceBackend().constant(float32(shape, new Float32Array(sizeOf(shape))));
  return { block, tokens: { input: positions, kept: positions, output: positions }, input };
}

describe('random', () => {
  const captures = captureBlocks(createReferenceBackend(), tinyConfig);
  const scoresOf = async (seed: number, block: number, image = 0) =>
    rowOf(random.score(captures, { config: tinyConfig, seed })[block]!, image);

  it('is reproducible by seed', async () => {
    expect(await scoresOf(3, 1)).toEqual(await scoresOf(3, 1));
    expect(await scoresOf(3, 1)).not.toEqual(await scoresOf(4, 1));
  });

  it('differs between blocks, not between images', async () => {
    expect(await scoresOf(3, 0)).not.toEqual(await scoresOf(3, 1));
    expect(await scoresOf(3, 0, 1)).toEqual(await scoresOf(3, 0, 0));
    expect(new Set(await scoresOf(3, 0)).size).toBe(10);
  });

  it('does not depend on which other tokens are kept', async () => {
    const plan = range(3).map(() => ({ kind: 'keep', keep: [0, 7, 2], keys: 'compact' }) as const);
    const slimmed = captureBlocks(createReferenceBackend(), tinyConfig, { plan });
    const dense = await scoresOf(3, 1);
    const kept = await rowOf(random.score(slimmed, { config: tinyConfig, seed: 3 })[1]!, 0);
    expect(kept).toEqual([dense[0], dense[7], dense[2]]);
  });
});

describe('uniform', () => {
  /** Patch numbers in the order of their scores. Ties: the lower position first, as everywhere. */
  async function ranking(config: VitConfig): Promise<number[]> {
    const scores = await rowOf(uniform.score([denseCapture(config)], { config, seed: 0 })[0]!, 0);
    const order = range(scores.length).sort((a, b) => scores[b]! - scores[a]! || a - b);
    const prefix = prefixPositions(config);
    expect(order.slice(0, prefix.length)).toEqual(prefix);
    return order.slice(prefix.length).map((position) => position - prefix.length);
  }

  it.each(['deit-tiny', 'deit-tiny-distilled'])('begins with regular grids in %s', async (name) => {
    const order = await ranking(vitConfig(name));
    // 1, 4 and 16 patches, 16, 8 and 4 apart; then every second patch of every second row.
    for (const step of [16, 8, 4, 2]) {
      const grid = range(196).filter(
        (patch) => (patch % 14) % step === 0 && Math.floor(patch / 14) % step === 0,
      );
      expect(order.slice(0, grid.length).sort((a, b) => a - b)).toEqual(grid);
    }
  });

  // The spread property: for any number of patches, all squares of one size contain the same number of them, ±1.
  it.each([
    ['deit-tiny', 14],
    ['deit-base-384', 24],
  ])('spreads any number of patches evenly in %s', async (name, grid) => {
    const order = await ranking(vitConfig(name));
    for (const side of [2, 4, 8]) {
      const squares = Math.floor(grid / side);
      const counts = new Map<number, number>(range(squares ** 2).map((square) => [square, 0]));
      for (const patch of order) {
        const [column, row] = [Math.floor((patch % grid) / side), Math.floor(patch / grid / side)];
        if (column >= squares || row >= squares) continue; // a square that the image's edge cuts
        const square = row * squares + column;
        counts.set(square, counts.get(square)! + 1);
        expect(Math.max(...counts.values()) - Math.min(...counts.values())).toBeLessThanOrEqual(1);
      }
      expect([...counts.values()]).toEqual(range(squares ** 2).map(() => side ** 2));
    }
  });

  it('ranks every patch once', async () => {
    expect(new Set(await ranking(vitConfig('deit-tiny'))).size).toBe(196);
    const scores = await rowOf(
      uniform.score([denseCapture(tinyConfig)], { config: tinyConfig, seed: 0 })[0]!,
      0,
    );
    expect(new Set(scores.slice(1)).size).toBe(9);
  });
});
