/**
 * Which rows a block computes: the same ones of every image, or those that its reducer makes of each. Either way a block
 * gets functions over rows, and is written once.
 */

import { range } from '@patchslim/tensor';
import type { BlockPlan, KnownTokens } from './block-plan.js';
import type { BlockRows, BlockView, Reducer } from './reducer.js';
import { rowPicker } from './row-picker.js';

/** The reducer of a block with its number of rows; none where all rows stay. */
export function reducerIn(
  entry: BlockPlan,
  rowsIn: number,
): { readonly reducer: Reducer; readonly count: number } | undefined {
  return entry.kind === 'reduce' && entry.count < rowsIn ? entry : undefined;
}

/**
 * The rows for which a block computes queries and everything after them.
 * @param traced what is known of its tokens before the run
 */
export function rowsBeforeQueries(entry: BlockPlan, view: BlockView, traced: KnownTokens): BlockRows {
  if (entry.kind === 'keep') return fixedRows(entry.keep, view, traced);
  return reducedRows(entry, view, 'before-queries') ?? allRows(view);
}

/** The rows for which a block computes the MLP, made of those that went through its attention. */
export function rowsBeforeMlp(entry: BlockPlan, view: BlockView, before: BlockRows): BlockRows {
  return reducedRows(entry, view, 'after-attention') ?? { ...before, rows: (x) => x, tokens: undefined };
}

function reducedRows(entry: BlockPlan, view: BlockView, phase: Reducer['phase']): BlockRows | undefined {
  const found = reducerIn(entry, view.tokens.shape[1]!);
  return found?.reducer.phase === phase ? found.reducer.reduce(view, found.count) : undefined;
}

const allRows = ({ positions, sizes, globalClassAttention }: BlockView): BlockRows => {
  const rows = <T>(x: T): T => x;
  return { rows, sums: rows, mixes: false, positions, sizes, globalClassAttention, output: positions };
};

function fixedRows(
  keep: readonly number[],
  { tokens: { backend }, sizes, globalClassAttention }: BlockView,
  traced: KnownTokens,
): BlockRows {
  // Where only the run knows positions, the prefix tokens are the first rows, and no other is asked for.
  const present = typeof traced.input === 'number' ? range(traced.input) : traced.input;
  const output = traced.output as readonly number[];
  const passing = output.slice(keep.length);
  const rows = rowPicker(backend, present, keep);
  return {
    rows,
    sums: rows,
    mixes: false,
    positions: keep,
    sizes: sizes && rows(sizes),
    globalClassAttention: globalClassAttention && rows(globalClassAttention),
    ...(passing.length > 0 ? { passing: rowPicker(backend, present, passing) } : {}),
    output,
  };
}
