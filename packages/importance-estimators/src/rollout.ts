/**
 * Attention rollout (Abnar and Zuidema, 2020): the class token's row of Π (P̄_l + I) / 2 over the blocks above, with
 * P̄ the mean over heads. Without a class token, the mean of all rows. Unlike impact, it averages heads before it multiplies, keeps the residual path and ignores
 * features.
 */

import {
  add,
  broadcastTo,
  float32,
  gather,
  int32,
  matMul,
  mean,
  mul,
  pad,
  reshape,
  type Tensor,
} from '@patchslim/tensor';
import { prefixRoles, rowPicker, type BlockCapture, type VitConfig } from '@patchslim/vit-models';
import { captured, tokensOf } from './capture-view.js';
import { defineScore } from './score.js';

/** The weight of each token of a block in the class token, through the attention of all deeper blocks. */
export const rollout = defineScore({
  name: 'rollout',
  summary: 'attention rollout from the class token through the deeper blocks',
  needs: ['attention'],
  readsDeeperBlocks: true,
  ofNetwork(captures, { config }) {
    const scores: Tensor[] = [];
    let flow: Flow | undefined;
    for (const capture of [...captures].reverse()) {
      const above = flow ?? outputFlow(capture, config);
      const computed = rowPicker(above.row.backend, above.positions, tokensOf(capture).kept)(above.row);
      scores.unshift(computed);
      flow = stepDown(above, computed, capture);
    }
    return scores;
  },
});

/** Weight of each position in the output: `[B, n]`. */
interface Flow {
  readonly row: Tensor;
  readonly positions: readonly number[];
}

/** All weight on the class token; without one, the same on every token. */
function outputFlow(capture: BlockCapture, config: VitConfig): Flow {
  const { backend, shape } = captured(capture, 'attention');
  const positions = tokensOf(capture).output;
  const classToken = prefixRoles(config).indexOf('class');
  const even = 1 / positions.length;
  const unit = Float32Array.from(positions, (position) =>
    classToken < 0 ? even : Number(position === classToken),
  );
  return {
    row: broadcastTo(backend.constant(float32([1, unit.length], unit)), [shape[0]!, unit.length]),
    positions,
  };
}

/**
 * From the rows that leave a block to the rows that reach it: half attention, half residual. Bypassed rows are
 * unchanged.
 */
function stepDown({ row, positions }: Flow, computed: Tensor, capture: BlockCapture): Flow {
  const tokens = tokensOf(capture);
  const averaged = mean(captured(capture, 'attention'), 1);
  const [batch, rows, columns] = averaged.shape as [number, number, number];
  const mixed = mul(reshape(matMul(reshape(computed, [batch, 1, rows]), averaged), [batch, columns]), 0.5);
  const share = Float32Array.from(positions, (position) => (tokens.kept.includes(position) ? 0.5 : 1));
  const residual = mul(row, row.backend.constant(float32([1, share.length], share)));
  return { row: add(mixed, placeOver(residual, positions, tokens.input)), positions: tokens.input };
}

/** Reorders weights `[B, n]` to other positions. A position without a weight gets zero. */
function placeOver(row: Tensor, positions: readonly number[], wanted: readonly number[]): Tensor {
  const column = new Map(positions.map((position, i) => [position, i]));
  const places = wanted.map((position) => column.get(position) ?? positions.length);
  return gather(pad(row, [0, 0], [0, 1]), row.backend.constant(int32([places.length], places)), 1);
}
