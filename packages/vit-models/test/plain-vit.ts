/**
 * The whole network in plain loops, slimmed with masks and never by slicing: what the forward pass is checked against. The layers are
 * those of the oracle in `tools/testing`.
 */

import type { HostTensor } from '@patchslim/tensor';
import { plainBlock, plainEmbedding, plainLogits } from '@patchslim/testing';
import type { BlockPlan, VitConfig, VitParams } from '../src/index.js';

export interface PlainBlock {
  /** `[position][channel]`. */
  readonly input: readonly (readonly number[])[];
  /** `[head][query][key]` over all N positions. */
  readonly attention: readonly (readonly (readonly number[])[])[];
}

export interface PlainResult {
  readonly blocks: readonly PlainBlock[];
  readonly logits: number[];
}

/** One image under a plan: rows that are not kept stay as they are, and dead ones have size 0, so that nothing attends to them. */
export function plainForward(
  config: VitConfig,
  params: VitParams<HostTensor<'float32'>>,
  image: Float32Array,
  plan?: readonly BlockPlan[],
): PlainResult {
  let rows = plainEmbedding(config, params, image).map((x, position) => ({ x, position, size: 1 }));
  let kept = rows.map(() => true);
  const blocks = params.blocks.map((_, index): PlainBlock => {
    const entry = plan?.[index] ?? { kind: 'dense' };
    if (entry.kind === 'reduce') throw new Error('these loops run no reducer');
    const input = rows;
    const block = plainBlock(config, params, index, input);
    kept = input.map(({ size, position }) =>
      entry.kind === 'keep' ? entry.keep.includes(position) : size === 1,
    );
    rows = input.map((row, i) => (kept[i] ? { ...row, x: block.computed(block.attended(row)) } : row));
    if (entry.kind === 'keep' && entry.keys === 'compact') {
      rows = rows.map((row, i) => ({ ...row, size: kept[i] ? 1 : 0 }));
    }
    const byQuery = input.map((row) => block.attention(row));
    const attention = Array.from({ length: config.heads }, (_, head) => byQuery.map((query) => query[head]!));
    return { input: input.map(({ x }) => x), attention };
  });
  const output = rows.filter((_, i) => kept[i]);
  return { blocks, logits: plainLogits(config, params, output) };
}
