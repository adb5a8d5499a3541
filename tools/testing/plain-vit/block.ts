/** One block as plain loops over the tokens of one image. */

import { affine, mlp, norm, withBranch } from './layers.js';
import { attend, probeAttention, type HeadRows, type PlainRow } from './attention.js';
import { prefixOf, type PlainConfig, type PlainParams } from './network.js';
import { meanRow, total } from './numbers.js';
import { offsetBias, rotate } from './positions.js';

export interface PlainBlock {
  readonly keys: readonly number[][];
  readonly values: readonly number[][];
  /** Attention of a row, at its position, to all rows that reach the block. */
  readonly attention: (query: PlainRow) => HeadRows;
  /**
   * Attention of the class token. Without one, that of the head's probe, as if the head read these rows; without a probe, that of the
   * mean query, which has no position.
   */
  readonly classAttention: () => HeadRows;
  /** A row behind the attention. */
  readonly attended: (row: PlainRow) => number[];
  /** A row behind the MLP. */
  readonly computed: (x: readonly number[]) => number[];
}

/** The functions of a block, over the rows that reach it. */
export function plainBlock(
  config: PlainConfig,
  network: PlainParams,
  index: number,
  rows: readonly PlainRow[],
): PlainBlock {
  const params = network.blocks[index]!;
  const { heads, width, layerNormEps } = config;
  const normed = (x: readonly number[]) => norm(x, params.norm1, layerNormEps);
  const keys = rows.map(({ x }) => affine(normed(x), params.key));
  const values = rows.map(({ x }) => affine(normed(x), params.value));
  const turned = keys.map((key, j) => rotate(config, key, rows[j]!.position));
  const table = params.relativePositions;
  const attention = (row: PlainRow): HeadRows =>
    attend(config, {
      query: rotate(config, affine(normed(row.x), params.query), row.position),
      keys: turned,
      sizes: rows.map(({ size }) => size),
      bias: (head, j) => (table ? offsetBias(config, table, row.position, rows[j]!.position, head) : 0),
    });
  const classAttention = (): HeadRows => {
    const position = prefixOf(config).indexOf('class');
    const row = rows.find((one) => one.position === position);
    if (row) return attention(row);
    if (network.pool) {
      const ofHead = (x: readonly number[]) =>
        (config.lastNorm ?? 'tokens') === 'tokens' ? norm(x, network.norm!, layerNormEps) : x;
      return probeAttention(
        config,
        network.pool,
        rows.map((one) => ({ ...one, x: ofHead(one.x) })),
      );
    }
    const average = meanRow(
      rows.map(({ x }) => normed(x)),
      rows.map(() => 1),
    );
    return attend(config, {
      query: affine(average, params.query),
      keys,
      sizes: rows.map(({ size }) => size),
      bias: () => 0,
    });
  };
  const attended = (row: PlainRow): number[] => {
    const weights = attention(row);
    const mixed = row.x.map((_, c) =>
      total(values.map((value, j) => weights[Math.floor(c / (width / heads))]![j]! * value[c]!)),
    );
    const ready = params.attentionNorm ? norm(mixed, params.attentionNorm, layerNormEps) : mixed;
    return withBranch(config, params.scale1, row.x, affine(ready, params.projection));
  };
  const computed = (x: readonly number[]): number[] =>
    withBranch(config, params.scale2, x, mlp(config, params, norm(x, params.norm2, layerNormEps)));
  return { keys, values, attention, classAttention, attended, computed };
}
