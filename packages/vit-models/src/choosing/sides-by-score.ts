/** Sides of a merge by the scores of the tokens. */

import { concat, range, topK, type Tensor } from '@patchslim/tensor';
import { prefixRows, rowsOf, type BlockView } from './block-view.js';
import { pickEach, type Sides } from './merge-pairs.js';
import type { MergedRows } from './merged-rows.js';
import { prefixFirst } from './ranked-rows.js';
import { prefixTokens, type VitConfig } from '../configs.js';
import { rowPicker, type RowPicker } from '../row-picker.js';

/**
 * The patches of largest score are hosts, the next guests.
 * @param scores `[B, n]`
 * @param hostsEnd prefix rows and hosts
 * @param guestsEnd those and guests; the rest is on no side
 */
export function sidesByScore(scores: Tensor, hostsEnd: number, guestsEnd: number, view: BlockView): Sides {
  const rows = rowsOf(view);
  const prefix = prefixRows(view).length;
  const order = topK(prefixFirst(scores, view), rows);
  const pick = (from: number, to: number) =>
    pickEach(rowPicker(view.tokens.backend, range(rows), range(rows).slice(from, to))(order));
  return { others: pick(0, prefix), hosts: pick(prefix, hostsEnd), guests: pick(hostsEnd, guestsEnd) };
}

/** All guests are merged. */
export function countsByScore(config: VitConfig, hostsEnd: number, guestsEnd: number) {
  const guests = guestsEnd - hostsEnd;
  return { guests, hosts: hostsEnd - prefixTokens(config), r: guests };
}

/** The guests leave the network. */
export function hostsAlone({ others, hosts }: Sides): MergedRows {
  const rows: RowPicker = (x) => concat([others(x), hosts(x)], 1);
  return { means: rows, sums: rows, hosts: rows };
}
