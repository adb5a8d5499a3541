/**
 * The paper's impact of a token on the network's output (Patch Slimming, Theorem 1 and Eq. 6):
 *
 *   s_{t,i} = Σ_paths ‖A_t[:, i]‖² · ‖U_t[i, :]‖²,   A_t = Π_{l>t} diag(m_l) P_l^{h_l},   U_t^h = P_t^h |Z_{t−1}|
 *
 * over all choices of one head per block above `t`. `m_L` marks the tokens that the head reads: the class token, or all where a pool
 * reads patches. The H^(L−t) paths are never enumerated: with
 *
 *   G_L = diag(m_L),   G_{l−1} = Σ_h (diag(m_l) P_l^h)ᵀ G_l (diag(m_l) P_l^h)
 *
 * the sum of ‖A_t[:, i]‖² is the diagonal of G_t. The paper does not specify the head of block t; we sum ‖U‖² over
 * its heads. Each sum over heads is divided by H, which keeps magnitudes in range and does not change the order.
 */

import { abs, gather, int32, matMul, mul, reshape, sum, type Tensor } from '@patchslim/tensor';
import { outputPositions, type BlockCapture } from '@patchslim/vit-models';
import { captured, tokensOf } from './capture-view.js';
import { defineScore } from './score.js';

/**
 * The paper's score (Eq. 6): energy of all attention paths to the output, times the energy of the token's mixed
 * features.
 */
export const impact = defineScore({
  name: 'impact',
  summary: 'effect on the output through all deeper attention paths (the paper, Eq. 6)',
  needs: ['attention', 'input'],
  readsDeeperBlocks: true,
  ofNetwork(captures, { config }) {
    const scores: Tensor[] = [];
    let energy: PathEnergy | undefined;
    for (const capture of [...captures].reverse()) {
      const top = energy ?? outputEnergy(capture, outputPositions(config));
      const paths = restrict(top, tokensOf(capture).kept);
      scores.unshift(mul(diagonal(paths.matrix), featureEnergy(capture)));
      energy = stepDown(paths, capture);
    }
    return scores;
  },
});

/** `G` over some token positions: `[B, n, n]`, symmetric. */
interface PathEnergy {
  readonly matrix: Tensor;
  readonly positions: readonly number[];
}

/** `diag(m_L)` as a matrix over the rows of the last block: 1 for each token that the classifier reads. */
function outputEnergy(capture: BlockCapture, classifierTokens: readonly number[]): PathEnergy {
  const positions = tokensOf(capture).kept;
  const { backend, shape } = captured(capture, 'attention');
  const n = positions.length;
  const data = new Float32Array(shape[0]! * n * n);
  for (let image = 0; image < shape[0]!; image++) {
    for (const position of classifierTokens) {
      const row = positions.indexOf(position);
      if (row < 0) continue; // a patch that the last block does not keep
      data[(image * n + row) * n + row] = 1;
    }
  }
  return { matrix: backend.constant({ shape: [shape[0]!, n, n], dtype: 'float32', data }), positions };
}

/** `diag(m) G diag(m)` without the rows and columns that are zero. */
function restrict(energy: PathEnergy, kept: readonly number[]): PathEnergy {
  if (kept.length === energy.positions.length && kept.every((p, i) => p === energy.positions[i]))
    return energy;
  const rows = kept.map((position) => energy.positions.indexOf(position));
  const index = energy.matrix.backend.constant(int32([rows.length], rows));
  return { matrix: gather(gather(energy.matrix, index, 1), index, 2), positions: kept };
}

/** One step of the recursion: from the rows a block computes to the rows that reach it. */
function stepDown({ matrix }: PathEnergy, capture: BlockCapture): PathEnergy {
  const attention = captured(capture, 'attention');
  const [batch, heads, rows, columns] = attention.shape as [number, number, number, number];
  const flat = reshape(attention, [batch, heads * rows, columns]);
  const carried = matMul(reshape(matrix, [batch, 1, rows, rows]), attention);
  const pulled = matMul(flat, reshape(carried, [batch, heads * rows, columns]), { transposeA: true });
  return { matrix: mul(pulled, 1 / heads), positions: tokensOf(capture).input };
}

/** Mean over heads of `‖(P |Z|)[i, :]‖²`: `[B, n_out]`. */
function featureEnergy(capture: BlockCapture): Tensor {
  const attention = captured(capture, 'attention');
  const [batch, heads, rows, columns] = attention.shape as [number, number, number, number];
  const mixed = matMul(reshape(attention, [batch, heads * rows, columns]), abs(captured(capture, 'input')));
  const squares = sum(mul(mixed, mixed), -1);
  return mul(sum(reshape(squares, [batch, heads, rows]), 1), 1 / heads);
}

/** `[B, n, n] → [B, n]`. */
function diagonal(matrix: Tensor): Tensor {
  const n = matrix.shape[1]!;
  const places = int32(
    [n],
    Array.from({ length: n }, (_, i) => i * (n + 1)),
  );
  return gather(reshape(matrix, [matrix.shape[0]!, n * n]), matrix.backend.constant(places), 1);
}
