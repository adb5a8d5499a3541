/**
 * Which rows a block computes: the same of every image, or those that it chooses of each. Either way a block gets
 * functions over rows, and is written once.
 */

import { range } from '@patchslim/tensor';
import type { BlockPlan, KnownTokens } from '../block-plan.js';
import { rowPicker } from '../row-picker.js';
import { rowsOf, type BlockRows, type BlockView } from './block-view.js';
import { choiceOf, type Choice } from './choice.js';

/** The choice of a block that makes one: where all rows are left there is none. */
export function choiceIn(
  entry: BlockPlan,
  rowsIn: number,
): (Choice & { readonly count: number }) | undefined {
  return 'count' in entry && entry.count < rowsIn ? { ...choiceOf(entry), count: entry.count } : undefined;
}

/**
 * The rows for which a block computes queries and everything behind them.
 * @param around what is known of its tokens before the run
 */
export function rowsBeforeQueries(entry: BlockPlan, view: BlockView, around: KnownTokens): BlockRows {
  if (entry.kind === 'keep') return fixedRows(entry.keep, view, around);
  const choice = choiceIn(entry, rowsOf(view));
  return choice && !choice.behindAttention ? choice.rows(view, choice.count) : allRows(view);
}

/** The rows for which a block computes the MLP, made of those that went through its attention. */
export function rowsBeforeMlp(entry: BlockPlan, view: BlockView, before: BlockRows): BlockRows {
  const choice = choiceIn(entry, rowsOf(view));
  if (choice?.behindAttention) return choice.rows(view, choice.count);
  return { ...before, rows: (x) => x };
}

const allRows = ({ positions, sizes, attended }: BlockView): BlockRows => {
  const rows = <T>(x: T): T => x;
  return { rows, sums: rows, mixes: false, positions, sizes, attended, output: positions };
};

function fixedRows(
  keep: readonly number[],
  { tokens: { backend }, sizes, attended }: BlockView,
  around: KnownTokens,
): BlockRows {
  // Where only the run knows positions, the prefix tokens are the first rows, and no other is asked for.
  const present = typeof around.input === 'number' ? range(around.input) : around.input;
  const output = around.output as readonly number[];
  const passing = output.slice(keep.length);
  const rows = rowPicker(backend, present, keep);
  return {
    rows,
    sums: rows,
    mixes: false,
    positions: keep,
    sizes: sizes && rows(sizes),
    attended: attended && rows(attended),
    ...(passing.length > 0 ? { passing: rowPicker(backend, present, passing) } : {}),
    output,
  };
}
