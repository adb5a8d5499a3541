/** The rows of each image with the largest scores. */

import {
  add,
  concat,
  float32,
  gather,
  int32,
  mul,
  reshape,
  slice,
  sum,
  Tensor,
  topK,
} from '@patchslim/tensor';
import { prefixRows, rowsOf, type BlockRows, type BlockView } from './block-view.js';
import type { VitConfig } from './configs.js';
import { lookUp, scoreTokens } from './rank-tokens.js';
import type { Ranker } from './ranker.js';
import type { RowPicker } from './row-picker.js';

/** The prefix tokens and the rows with the largest scores, `count` in all; of equal scores the first row. */
export function bestRows(config: VitConfig, ranker: Ranker, count: number, view: BlockView): BlockRows {
  return pickedRows(topK(prefixFirst(config, scoresOf(ranker, view), view), count), view);
}

/** The same with one row less, and last of all the sum of the other rows, weighted by their scores. */
export function fusedRows(config: VitConfig, ranker: Ranker, count: number, view: BlockView): BlockRows {
  const scores = scoresOf(ranker, view);
  const order = topK(prefixFirst(config, scores, view), rowsOf(view));
  const best = slice(order, [0, 0], [-1, count - 1]);
  const others = slice(order, [0, count - 1], [-1, -1]);
  const weights = reshape(gather(scores, others, 1, 1), [...others.shape, 1]);
  const { rows } = pickedRows(best, view);
  // The fused row goes by the position of the best row that is in it.
  const named = pickedRows(slice(order, [0, 0], [-1, count]), view);
  return {
    ...named,
    rows: (x) => concat([rows(x), sum(mul(gather(x, others, 1, 1), weights), 1, { keepDims: true })], 1),
    mixes: true,
  };
}

/** Scores in which every prefix token is above all others, the class token first. */
function prefixFirst(config: VitConfig, scores: Tensor, view: BlockView): Tensor {
  const lift = new Float32Array(rowsOf(view));
  for (const [i, row] of prefixRows(config, view).entries()) lift[row] = 3e38 - i * 1e37;
  return add(scores, scores.backend.constant(float32([1, lift.length], lift)));
}

/** @param picked int32 `[B, n_out]` */
function pickedRows(picked: Tensor, { positions, sizes }: BlockView): BlockRows {
  const rows: RowPicker = (x) => gather(x, picked, 1, 1);
  const kept =
    positions instanceof Tensor
      ? rows(positions)
      : lookUp(picked.backend.constant(int32([positions.length], positions)), picked);
  return { rows, mixes: false, positions: kept, sizes: sizes && rows(sizes), output: kept };
}

/** Scores `[B, n_in]`; those of the prefix tokens are not to be read. */
function scoresOf(ranker: Ranker, view: BlockView): Tensor {
  switch (ranker.name) {
    case 'predictor':
      return scoreTokens(ranker, view.tokens, view.positions);
    case 'class-attention':
      return reshape(view.classAttention(), [view.tokens.shape[0]!, rowsOf(view)]);
    default:
      return ranker satisfies never;
  }
}
