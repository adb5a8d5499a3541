/**
 * Captures as plain numbers over all `N` token positions, one image at a time: the reference for scores. Rows that a
 * block does not compute, and tokens that do not reach it, are zero.
 */

import type { Tensor } from '@patchslim/tensor';
import { tokenCount, type BlockCapture, type VitConfig } from '@patchslim/vit-models';
import { expect } from 'vitest';
import type { Score } from '../src/index.js';

export type Matrix = number[][];

export interface PlainBlock {
  /** Positions that the block computes. */
  readonly kept: ReadonlySet<number>;
  /** `[head][query][key]`. */
  readonly attention: Matrix[];
  /** `[position][channel]`. */
  readonly input: Matrix;
  readonly values: Matrix;
}

export const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
export const total = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
const zeros = (rows: number, columns: number): Matrix => range(rows).map(() => range(columns).map(() => 0));

/** All images, then all blocks: `[image][block]`. */
export async function plainBlocks(
  config: VitConfig,
  captures: readonly BlockCapture[],
): Promise<PlainBlock[][]> {
  const tokens = tokenCount(config);
  const blocks = await Promise.all(
    captures.map(async ({ tokens: around, attention, input: features, values: ofTokens }) => {
      const { input, kept } = around!;
      const weights = await attention!.data();
      const inputs = await features!.data();
      const values = await ofTokens!.data();
      return range(attention!.shape[0]!).map((image): PlainBlock => {
        const block = {
          kept: new Set(kept),
          attention: range(config.heads).map(() => zeros(tokens, tokens)),
          input: zeros(tokens, config.width),
          values: zeros(tokens, config.width),
        };
        for (const [column, key] of input.entries()) {
          for (let c = 0; c < config.width; c++) {
            const place = (image * input.length + column) * config.width + c;
            block.input[key]![c] = inputs[place]!;
            block.values[key]![c] = values[place]!;
          }
          for (let head = 0; head < config.heads; head++) {
            for (const [row, query] of kept.entries()) {
              const place = ((image * config.heads + head) * kept.length + row) * input.length + column;
              block.attention[head]![query]![key] = weights[place]!;
            }
          }
        }
        return block;
      });
    }),
  );
  return range(blocks[0]!.length).map((image) => blocks.map((images) => images[image]!));
}

/**
 * Expects the scores to equal a formula, image by image.
 * @param formula scores of all positions at one block, from the blocks of one image
 */
export async function expectScores(
  { score }: Score,
  config: VitConfig,
  captures: readonly BlockCapture[],
  formula: (blocks: readonly PlainBlock[], block: number) => readonly number[],
): Promise<void> {
  const scores = score(captures, { config, seed: 0 });
  expect(scores).toHaveLength(captures.length);
  for (const [image, blocks] of (await plainBlocks(config, captures)).entries()) {
    for (const [block, { tokens }] of captures.entries()) {
      const { kept } = tokens!;
      const actual = await rowOf(scores[block]!, image);
      const expected = formula(blocks, block);
      expect(actual).toHaveLength(kept.length);
      for (const [row, position] of kept.entries()) {
        const difference = Math.abs(actual[row]! - expected[position]!);
        // float32 captures; the sums behind a score have few terms.
        expect(difference).toBeLessThanOrEqual(1e-5 * Math.abs(expected[position]!));
      }
    }
  }
}

/** One image's scores of `[B, n]`. */
export async function rowOf(scores: Tensor, image: number): Promise<number[]> {
  const n = scores.shape[1]!;
  return [...(await scores.data()).subarray(image * n, (image + 1) * n)];
}
