/** Attention bias by the offset of two patches (BEiT): one number for each offset and head, three more for prefix tokens. */

import { gather, int32, range, reshape, Tensor, transpose } from '@patchslim/tensor';
import { gridSize, prefixTokens, tokenCount, type VitConfig } from '../config.js';
import { positionsTensor, type Positions } from '../token-state.js';

/**
 * The bias of queries on keys, `[1 or B, H, n_q, n_k]`.
 *
 * @param table `[(2 g − 1)² + 3, H]`
 */
export function relativeBias(config: VitConfig, table: Tensor, queries: Positions, keys: Positions): Tensor {
  const { backend } = table;
  const { heads } = config;
  if (!(queries instanceof Tensor) && !(keys instanceof Tensor)) {
    const index = queries.flatMap((query) => keys.map((key) => offsetIndex(config, query, key)));
    const bias = gather(table, backend.constant(int32([index.length], index)), 0);
    return transpose(reshape(bias, [1, queries.length, keys.length, heads]), [0, 3, 1, 2]);
  }
  // Each image has its own rows: pick those of its queries from all offsets, then those of its keys.
  const all = range(tokenCount(config));
  const places = int32(
    [all.length, all.length],
    all.flatMap((query) => all.map((key) => offsetIndex(config, query, key))),
  );
  const [batch] = (queries instanceof Tensor ? queries : (keys as Tensor)).shape as [number];
  const [q, k] = [queries, keys].map((positions) => positionsTensor(backend, positions, batch)) as [
    Tensor,
    Tensor,
  ];
  const [rows, columns] = [q.shape[1]!, k.shape[1]!];
  const ofQueries = gather(backend.constant(places), reshape(q, [batch * rows]), 0);
  const byKey = transpose(reshape(ofQueries, [batch, rows, all.length]), [0, 2, 1]);
  const index = reshape(gather(byKey, k, 1, 1), [batch * columns * rows]);
  return transpose(reshape(gather(table, index, 0), [batch, columns, rows, heads]), [0, 3, 2, 1]);
}

/** Row of the table. A prefix token has no offset: three rows are for it as query, as key, and as both. */
function offsetIndex(config: VitConfig, query: number, key: number): number {
  const grid = gridSize(config);
  const offsets = (2 * grid - 1) ** 2;
  const [q, k] = [query - prefixTokens(config), key - prefixTokens(config)];
  if (q < 0 && k < 0) return offsets + 2;
  if (q < 0) return offsets;
  if (k < 0) return offsets + 1;
  const down = Math.floor(q / grid) - Math.floor(k / grid) + grid - 1;
  const right = (q % grid) - (k % grid) + grid - 1;
  return down * (2 * grid - 1) + right;
}
