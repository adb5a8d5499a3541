/** The tokens of one image for the plain-loop reducers. */

import type { HeadRows, PlainRow } from './attention.js';
import type { PlainConfig } from './network.js';
import { mean, total } from './numbers.js';

export interface Token extends PlainRow {
  /** Positions of the tokens in it. */
  readonly members: readonly number[];
  /** Running mean of class attention. */
  readonly attended?: number;
}

/** State of the tokens that reach a block. */
export interface Known {
  readonly config: PlainConfig;
  /** Number of prefix tokens; they come first and stay unchanged. */
  readonly prefix: number;
  readonly tokens: readonly Token[];
  readonly keys: readonly (readonly number[])[];
  readonly values: readonly (readonly number[])[];
  /** `[query][head][key]`. */
  readonly attention: readonly HeadRows[];
  readonly classAttention: HeadRows;
}

/** Blocks that do not use the running mean of class attention drop it. */
export function without({ x, position, size, members }: Token): Token {
  return { x, position, size, members };
}

export const classAttentionOf = ({ tokens, classAttention }: Known): number[] =>
  tokens.map((_, j) => mean(classAttention.map((head) => head[j]!)));

export const received = ({ tokens, attention }: Known): number[] =>
  tokens.map((_, j) => total(attention.flatMap((query) => query.map((head) => head[j]!))));
