/**
 * Which rows a block computes: the same of every image, those of each image with the largest scores, or what is left when
 * pairs are merged. Either way a block gets functions over rows, and is written once.
 */

import { range } from '@patchslim/tensor';
import { choosesBehindAttention, type BlockPlan, type ChoosingPlan, type KnownTokens } from './block-plan.js';
import { rowsOf, type BlockRows, type BlockView } from './block-view.js';
import type { VitConfig } from './configs.js';
import { rowsMergedByAttention, similarRowsMerged } from './merged-rows.js';
import { bestRows, fusedRows } from './ranked-rows.js';
import { rowPicker } from './row-picker.js';

/**
 * The rows for which a block computes queries and everything behind them.
 * @param around what is known of its tokens before the run
 */
export function rowsBeforeQueries(
  config: VitConfig,
  entry: BlockPlan,
  view: BlockView,
  around: KnownTokens,
): BlockRows {
  if (entry.kind === 'keep') return fixedRows(entry.keep, view, around);
  if (!chooses(entry, view) || choosesBehindAttention(entry)) return allRows(view);
  return entry.kind === 'rank'
    ? bestRows(config, entry.ranker, entry.count, view)
    : rowsMergedByAttention(config, entry.count, view);
}

/** The rows for which a block computes the MLP, made of those that went through its attention. */
export function rowsBeforeMlp(
  config: VitConfig,
  entry: BlockPlan,
  view: BlockView,
  before: BlockRows,
): BlockRows {
  if (!chooses(entry, view) || !choosesBehindAttention(entry)) return { ...before, rows: (x) => x };
  return entry.kind === 'rank'
    ? fusedRows(config, entry.ranker, entry.count, view)
    : similarRowsMerged(config, entry.count, view);
}

const chooses = (entry: BlockPlan, view: BlockView): entry is ChoosingPlan =>
  'count' in entry && entry.count < rowsOf(view);

const allRows = ({ positions, sizes }: BlockView): BlockRows => {
  return { rows: (x) => x, mixes: false, positions, sizes, output: positions };
};

function fixedRows(
  keep: readonly number[],
  { tokens: { backend }, sizes }: BlockView,
  around: KnownTokens,
): BlockRows {
  // Where only the run knows positions, the prefix tokens are the first rows, and no other is asked for.
  const present = typeof around.input === 'number' ? range(around.input) : around.input;
  const output = around.output as readonly number[];
  const passing = output.slice(keep.length);
  const rows = rowPicker(backend, present, keep);
  return {
    rows,
    mixes: false,
    positions: keep,
    sizes: sizes && rows(sizes),
    ...(passing.length > 0 ? { passing: rowPicker(backend, present, passing) } : {}),
    output,
  };
}
