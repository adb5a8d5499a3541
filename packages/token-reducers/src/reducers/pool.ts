/** Pools neighbours in reading order, the same for all images: a baseline for choosing by content. */

import { concat, div, float32, matMul, mul, range, type Tensor } from '@patchslim/tensor';
import { prefixRows, prefixTokens, rowPicker, type BlockView } from '@patchslim/vit-models';
import { defineReducer } from '../define-reducer.js';
import { mergedRows, sizesOf } from '../parts/merged-rows.js';
import { rowsOf } from '../parts/view.js';

export const pool = defineReducer({
  name: 'pool',
  summary: 'pools neighbouring tokens, independent of the image',
  fewBlocks: true,
  behaviour: () => ({
    phase: 'before-queries',
    needsAttention: false,
    merges: true,
    least: (config) => prefixTokens(config) + 1,
    reduce: (view, count) => {
      const { others, first, sums } = poolingOf(view, count);
      const joined = (x: Tensor, last: Tensor) => concat([others(x), last], 1);
      const sizes = sizesOf(view);
      return mergedRows(
        {
          means: (x) => joined(x, div(sums(mul(x, sizes)), sums(sizes))),
          sums: (x) => joined(x, sums(x)),
          destinations: (x) => joined(x, first(x)),
        },
        view,
      );
    },
    macs: (config, rowsIn, rowsOut) => {
      const prefix = prefixTokens(config);
      return (rowsOut - prefix) * (rowsIn - prefix) * (config.width + 2);
    },
  }),
});

/** Patches in `count − prefix` runs whose lengths differ by at most one, longer runs first. */
function poolingOf(view: BlockView, count: number) {
  const { backend } = view.tokens;
  const all = range(rowsOf(view));
  const prefix = prefixRows(view);
  const patches = all.filter((row) => !prefix.includes(row));
  const runs = count - prefix.length;
  const starts = range(runs + 1).map((run) => Math.ceil((run * patches.length) / runs));
  const membership = new Float32Array(runs * patches.length);
  for (const run of range(runs)) {
    membership.fill(1, run * patches.length + starts[run]!, run * patches.length + starts[run + 1]!);
  }
  const matrix = backend.constant(float32([1, runs, patches.length], membership));
  const pick = (rows: readonly number[]) => rowPicker(backend, all, rows);
  const ofPatches = pick(patches);
  return {
    others: pick(prefix),
    first: pick(starts.slice(0, runs).map((start) => patches[start]!)),
    sums: (x: Tensor) => matMul(matrix, ofPatches(x)),
  };
}
