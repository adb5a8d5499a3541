/** Attention of one query to the rows of one image, as plain loops. */

import { affine, rowOf } from './layers.js';
import type { PlainConfig, PlainPool } from './network.js';
import { dot, total } from './numbers.js';

/** A row that reaches a block. */
export interface PlainRow {
  readonly x: readonly number[];
  /** Where it is in the image; a row that was merged is where its host is. */
  readonly position: number;
  /** How many tokens are in it: it is attended to as they would be. Nothing attends to a row of size 0. */
  readonly size: number;
}

/** `[head][key]`. */
export type HeadRows = readonly (readonly number[])[];

interface Attending {
  readonly query: readonly number[];
  readonly keys: readonly (readonly number[])[];
  readonly sizes: readonly number[];
  readonly bias: (head: number, key: number) => number;
}

/** softmax(q k / √d + bias + log size) in each head. */
export function attend({ width, heads }: PlainConfig, { query, keys, sizes, bias }: Attending): HeadRows {
  const size = width / heads;
  return Array.from({ length: heads }, (_, h) => {
    const part = (v: readonly number[]) => v.slice(h * size, (h + 1) * size);
    const powers = keys.map(
      (key, j) => sizes[j]! * Math.exp(dot(part(query), part(key)) / Math.sqrt(size) + bias(h, j)),
    );
    return powers.map((power) => power / total(powers));
  });
}

/** How the probe of an attention pool attends to rows. */
export const probeAttention = (config: PlainConfig, pool: PlainPool, rows: readonly PlainRow[]): HeadRows =>
  attend(config, {
    query: affine(rowOf(pool.probe, 0), pool.query),
    keys: rows.map(({ x }) => affine(x, pool.key)),
    sizes: rows.map(({ size }) => size),
    bias: () => 0,
  });
